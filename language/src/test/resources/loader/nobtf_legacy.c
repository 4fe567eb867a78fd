// What old sources look like: no BTF, maps as structs, static functions beside programs in one section.
#define SEC(name) __attribute__((section(name), used))
typedef unsigned int u32;

struct bpf_map_def {
    u32 type, key_size, value_size, max_entries, map_flags;
};

struct bpf_elf_map {
    u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

struct bpf_map_def counters SEC("maps") = { 1, 4, 8, 16, 1 };
struct bpf_map_def second SEC("maps") = { 2, 4, 8, 3, 0 };

struct {
    struct bpf_map_def def;
    u32 pinning;
    char name_space[256];
} gobpf SEC("maps/gobpf") = { { 2, 4, 16, 5, 0 }, 1, "space" };

static void *(*lookup)(void *map, const void *key) = (void *)1;

static __attribute__((noinline)) SEC("classifier") int in_section(void *map, u32 key) {
    long *value = lookup(map, &key);
    return value ? *value : -1;
}

SEC("classifier")
int filter(void *ctx) {
    return in_section(&counters, 1) + in_section(&second, 2) + in_section(&gobpf, 0);
}

SEC("my/own/section")
int own(void *ctx) {
    return 3;
}

char LICENSE[] SEC("license") = "GPL";

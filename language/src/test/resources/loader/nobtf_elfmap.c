// iproute2's map definitions of 36 bytes, with ids, pinning and an inner map.
#define SEC(name) __attribute__((section(name), used))
typedef unsigned int u32;

struct bpf_elf_map {
    u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

struct bpf_elf_map jumps SEC("maps") = { 3, 4, 4, 16, 0, 2, 0, 0, 0 };
struct bpf_elf_map pinned SEC("maps") = { 2, 4, 4, 1, 0, 7, 2, 0, 0 };
struct bpf_elf_map outer SEC("maps") = { 12, 4, 4, 1, 0, 9, 0, 7, 0 };

static void (*tail_call)(void *ctx, void *map, u32 index) = (void *)12;

SEC("classifier")
int entry(void *ctx) {
    tail_call(ctx, &jumps, 7);
    return -1;
}

SEC("2/7")
int bound(void *ctx) {
    return 1;
}

char LICENSE[] SEC("license") = "GPL";

// Map declarations: every attribute, by type and by size, inner maps and initial values.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
    __u32 id;
    __u16 port;
    __u16 pad;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(numa_node, 0);
    __uint(pinning, LIBBPF_PIN_BY_NAME);
    __type(key, struct key);
    __type(value, __u64);
} by_type SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(key_size, sizeof(int));
    __uint(value_size, sizeof(int));
} by_size SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
    __uint(max_entries, 10);
    __uint(map_extra, 5);
    __type(value, __u32);
} bloom SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 5000);
} ring SEC(".maps");

struct inner {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4);
    __type(key, int);
    __type(value, long);
} inner_map SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 3);
    __type(key, int);
    __array(values, struct inner);
} outer_map SEC(".maps") = {
    .values = { [2] = &inner_map },
};

int target(void *ctx);

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 8);
    __uint(key_size, sizeof(int));
    __array(values, int(void *));
} calls SEC(".maps") = {
    .values = { [1] = (void *)&target, [5] = (void *)&target },
};

SEC("socket")
int target(void *ctx) {
    return 7;
}

SEC("socket")
int use(void *ctx) {
    struct key key = { .id = 1 };
    __u64 *value = bpf_map_lookup_elem(&by_type, &key);
    bpf_map_peek_elem(&bloom, &key);
    bpf_tail_call(ctx, &calls, 1);
    return value ? *value : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
__u32 VERSION SEC("version") = 0x60c01;

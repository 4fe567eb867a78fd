// struct_ops maps and arena globals.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct my_ops {
    int flags;
    int (*init)(void *ctx);
    void (*exit)(void *ctx);
    char name[8];
};

SEC("struct_ops/init")
int init_fn(void *ctx) {
    return 1;
}

SEC("struct_ops.s/exit")
void exit_fn(void *ctx) {
}

SEC(".struct_ops.link")
struct my_ops ops = {
    .flags = 3,
    .init = (void *)init_fn,
    .exit = (void *)exit_fn,
    .name = "ops",
};

#define __arena __attribute__((address_space(1)))

struct {
    __uint(type, 33); // BPF_MAP_TYPE_ARENA
    __uint(map_flags, 1024);
    __uint(max_entries, 10);
} arena SEC(".maps");

int __arena shared = 42;

SEC("syscall")
int use_arena(void *ctx) {
    bpf_printk("%p", &arena);
    return shared;
}

char LICENSE[] SEC("license") = "GPL";

// Global variables of every section, calls of every kind, function pointers, addresses inside data.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int limit = 10;
static const volatile int local_limit = 11;
int counter = 5;
static volatile int local_counter = 6;
int zeroed[3];
static volatile long local_zeroed;
int custom SEC(".data.custom") = 0x11223344;
const volatile char constant[4] SEC(".rodata.constant") = "abc";
__hidden int hidden_only SEC(".data.hidden") = 1;
int *pointer_to_counter = &counter;
const char *name = "a text";

static __noinline int add(int a, int b) {
    return a + b + local_counter;
}

__noinline int twice(int a) {
    return add(a, a) * 2;
}

static long visit(__u32 index, void *ctx) {
    counter += index;
    return 0;
}

__noinline int unused(int a) {
    return a * 3;
}

SEC("xdp")
int first(struct xdp_md *ctx) {
    bpf_loop(limit, visit, 0, 0);
    counter += add(local_limit, custom);
    zeroed[1] = constant[2];
    zeroed[2] = hidden_only;
    local_zeroed = (long)name + (long)pointer_to_counter;
    return twice(counter) == 3 ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int second(struct xdp_md *ctx) {
    char text[] = "seven bytes and more to be copied from .rodata.str";
    bpf_trace_printk(text, sizeof(text));
    return twice(zeroed[0]);
}

char LICENSE[] SEC("license") = "GPL";

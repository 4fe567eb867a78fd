/* What the programs of the corpus share: types, headers of packets, map shorthands. */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAP(map, map_type, key_t, value_t, n) \
    struct { \
        __uint(type, map_type); \
        __uint(max_entries, n); \
        __type(key, key_t); \
        __type(value, value_t); \
    } map SEC(".maps")
#define RING(map, n) \
    struct { \
        __uint(type, BPF_MAP_TYPE_RINGBUF); \
        __uint(max_entries, n); \
    } map SEC(".maps")
#define DATA(ctx) ((void *)(long)(ctx)->data)
#define END(ctx) ((void *)(long)(ctx)->data_end)
#define BARRIER(x) asm volatile("" : "+r"(x))
#define INLINE static __attribute__((always_inline)) inline
#define CALLED static __attribute__((noinline))

char LICENSE[] SEC("license") = "GPL";

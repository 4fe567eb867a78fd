// SPDX-License-Identifier: GPL-2.0
/*
 * Values, maps and programs for the TCK. It compares the entries of a hash with those of a java.util.HashMap in the
 * order of that, so the fields of structures, which are entries too, have the order that a HashMap gives their names.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

enum color { RED = 3, GREEN = 5 };

enum large { LARGEST = 0xffffffffffffffffULL };

struct counter {
	__u64 bytes;
	__u64 packets;
};

struct pair {
	__u16 port;
	__u8 mac[6];
};

struct all {
	__u8 u8;
	bool flag;
	enum color color;
	enum large large;
	__s8 s8;
	__u32 level : 5;
	__u32 words[4];
	__s32 tilt : 7;
	__u32 bit : 1;
	struct pair pair;
	__s64 s64;
	__u64 u64;
	__s32 s32;
	__u32 u32;
	__s16 s16;
	void *where;
	__u16 u16;
	char text[16];
	double ratio;
};

struct all all;
const volatile __u32 constant = 5;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct counter);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} lru SEC(".maps");

struct prefix {
	__u32 prefix;
	__u8 ip[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct counter);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} percpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct counter);
} percpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2);
	__type(value, __u32);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 4);
	__type(value, __u32);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 16);
	__type(value, __u32);
} bloom SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, __u32);
	__array(values, struct inner);
} nested SEC(".maps") = { .values = { &first } };

int count(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int(struct xdp_md *ctx));
} jumps SEC(".maps") = { .values = { &count } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(key_size, 6);
	__uint(value_size, 3);
} untyped SEC(".maps");

struct guarded {
	struct bpf_spin_lock lock;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guarded);
} guarded SEC(".maps");

/* Counts packets by their first byte; only the map's two keys pass. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	struct counter *counter, none = {};
	__u32 key;

	if (data + 1 > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	key = *data & 1;
	counter = bpf_map_lookup_elem(&hash, &key);
	if (!counter) {
		bpf_map_update_elem(&hash, &key, &none, BPF_NOEXIST);
		return XDP_DROP;
	}
	__sync_fetch_and_add(&counter->packets, 1);
	__sync_fetch_and_add(&counter->bytes, ctx->data_end - ctx->data);
	bpf_ringbuf_output(&ring, counter, sizeof(*counter), 0);
	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, counter, sizeof(*counter));
	return XDP_PASS;
}

/* Expressions: programs whose context is an array of arguments. */
SEC("raw_tp")
long identity(__u64 *ctx)
{
	return ctx[0];
}

#define BINARY(name, expression)       \
	SEC("raw_tp")                  \
	long name(__u64 *ctx)          \
	{                              \
		__u64 a = ctx[0];      \
		__u64 b = ctx[1];      \
                                       \
		return expression;     \
	}

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(div, a / b)
BINARY(and, a & b)
BINARY(shl, a << (b & 63))
BINARY(less, a < b)

char _license[] SEC("license") = "GPL";

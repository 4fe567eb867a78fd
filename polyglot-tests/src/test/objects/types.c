// SPDX-License-Identifier: GPL-2.0
/* Values of every type, maps of every shape, and programs that other languages call. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

enum proto {
	TCP = 6,
	UDP = 17,
};

enum big {
	LARGEST = 0xffffffffffffffffULL,
};

struct inner {
	__u16 port;
	__u8 mac[6];
};

struct flow {
	__u8 ttl;
	__s8 delta;
	__u16 port;
	__s16 shift;
	__u32 address;
	__s32 offset;
	__u64 bytes;
	__s64 balance;
	bool up;
	enum proto proto;
	enum big big;
	char name[16];
	__u32 words[4];
	struct inner peer;
	union {
		__u32 id;
		__u8 octets[4];
	};
	__u32 flag : 1;
	__u32 level : 5;
	__s32 tilt : 7;
	void *where;
	double ratio;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} recent SEC(".maps");

struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct address6 {
	__u8 octets[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, struct address6);
	__type(value, __u32);
} hosts6 SEC(".maps");

struct prefix6 {
	__u32 length;
	struct address6 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, __u32);
} routes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct counter);
} table SEC(".maps");

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

struct inner_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, __u32);
	__array(values, struct inner_map);
} nested SEC(".maps") = { .values = { &first } };

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(key_size, 6);
	__uint(value_size, 3);
} untyped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY);
	__type(key, __u32);
	__type(value, __u32);
} user_reads SEC(".maps");

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

const volatile __u32 limit = 5;
__u64 runs;
__s64 signed_global = -1;
struct flow last;
char text[8] = "abc";

/* Counts packets in the map `counters`, by the first byte. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	struct counter *counter, none = {};
	__u32 key;

	if (data + 1 > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	key = *data;
	counter = bpf_map_lookup_elem(&counters, &key);
	if (!counter) {
		bpf_map_update_elem(&counters, &key, &none, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&counters, &key);
		if (!counter)
			return XDP_DROP;
	}
	__sync_fetch_and_add(&counter->packets, 1);
	__sync_fetch_and_add(&counter->bytes, ctx->data_end - ctx->data);
	__sync_fetch_and_add(&runs, 1);
	bpf_ringbuf_output(&ring, counter, sizeof(*counter), 0);
	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, counter, sizeof(*counter));
	return counter->packets > limit ? XDP_TX : XDP_PASS;
}

/* Answers with the interface it got and marks the packet. */
SEC("tc")
int mark(struct __sk_buff *skb)
{
	skb->mark = skb->priority + 1;
	return skb->mark;
}

SEC("raw_tp")
long identity(__u64 *ctx)
{
	return ctx[0];
}

SEC("raw_tp")
long add(__u64 *ctx)
{
	return ctx[0] + ctx[1];
}

/* A program of about 20 instructions, for measures. */
SEC("raw_tp")
long mix(__u64 *ctx)
{
	__u64 a = ctx[0], b = ctx[1];

	a ^= b << 13;
	b += a >> 7;
	a ^= b << 17;
	b += a >> 3;
	a ^= b << 5;
	return a + b;
}

__u64 now, chance, cpu, pid;

SEC("xdp")
int ask(void *ctx)
{
	now = bpf_ktime_get_ns();
	chance = bpf_get_prandom_u32();
	cpu = bpf_get_smp_processor_id();
	pid = bpf_get_current_pid_tgid();
	return XDP_PASS;
}

static long (*own_helper)(long, long, long, long, long) = (void *)10001;

SEC("raw_tp")
long custom(__u64 *ctx)
{
	return own_helper(ctx[0], 2, 3, 4, 5) + 1;
}

extern int score(struct flow *flow, const char *name, void *buffer, __u32 buffer__sz, __u8 small) __ksym;

SEC("raw_tp")
long judge(__u64 *ctx)
{
	char buffer[4] = { 1, 2, 3, 4 };
	long result;

	last.port = 80;
	result = score(&last, text, buffer, sizeof(buffer), 255);
	return result + buffer[0] * 1000;
}

/* The map helpers with their typed arguments. */
SEC("xdp")
int replace(struct xdp_md *ctx)
{
	__u32 key = 3;
	struct counter value = { 1, 2 };

	return bpf_map_update_elem(&counters, &key, &value, BPF_ANY);
}

char _license[] SEC("license") = "GPL";

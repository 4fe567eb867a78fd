// SPDX-License-Identifier: GPL-2.0
/* A packet parser of one program per header. Each reads its header, notes it and tail-calls the program for the next
 * one through the prog array `parsers`; the map `stacks` counts packets by the headers they consist of.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum parser {
	PARSE_VLAN,
	PARSE_ARP,
	PARSE_IPV4,
	PARSE_IPV6,
	PARSE_TCP,
	PARSE_UDP,
	PARSERS,
};

struct headers {
	char names[32];
};

/* A tail call takes nothing along but the context; this holds what one parser leaves to the next. */
struct state {
	__u32 offset;
	__u32 length;
	struct headers headers;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct state);
} states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct headers);
	__type(value, __u64);
} stacks SEC(".maps");

int parse_vlan(struct xdp_md *ctx);
int parse_arp(struct xdp_md *ctx);
int parse_ipv4(struct xdp_md *ctx);
int parse_ipv6(struct xdp_md *ctx);
int parse_tcp(struct xdp_md *ctx);
int parse_udp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PARSERS);
	__type(key, __u32);
	__array(values, int(struct xdp_md *));
} parsers SEC(".maps") = {
	.values = {
		[PARSE_VLAN] = &parse_vlan,
		[PARSE_ARP] = &parse_arp,
		[PARSE_IPV4] = &parse_ipv4,
		[PARSE_IPV6] = &parse_ipv6,
		[PARSE_TCP] = &parse_tcp,
		[PARSE_UDP] = &parse_udp,
	},
};

static __always_inline struct state *get_state(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&states, &zero);
}

/* The header of `size` bytes that comes next, or NULL; its name is added to the list. */
static __always_inline void *header(struct xdp_md *ctx, struct state *state, __u32 size, const char *name, __u32 length)
{
	void *data = (void *)(long)ctx->data;
	__u32 offset = state->offset, at = state->length;

	if (offset > 256 || at > sizeof(state->headers.names) - 8)
		return 0;
	if (data + offset + size > (void *)(long)ctx->data_end)
		return 0;
	__builtin_memcpy(&state->headers.names[at], name, length);
	state->length = at + length;
	state->offset = offset + size;
	return data + offset;
}

#define HEADER(ctx, state, size, name) header(ctx, state, size, name, sizeof(name) - 1)

/* The end of each chain. */
static __always_inline int done(struct state *state)
{
	__u64 one = 1, *count = bpf_map_lookup_elem(&stacks, &state->headers);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&stacks, &state->headers, &one, BPF_NOEXIST);
	return XDP_PASS;
}

static __always_inline int next_by_ethertype(struct xdp_md *ctx, struct state *state, __be16 proto)
{
	switch (bpf_ntohs(proto)) {
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		bpf_tail_call(ctx, &parsers, PARSE_VLAN);
		break;
	case ETH_P_ARP:
		bpf_tail_call(ctx, &parsers, PARSE_ARP);
		break;
	case ETH_P_IP:
		bpf_tail_call(ctx, &parsers, PARSE_IPV4);
		break;
	case ETH_P_IPV6:
		bpf_tail_call(ctx, &parsers, PARSE_IPV6);
		break;
	}
	return done(state);
}

static __always_inline int next_by_ip_protocol(struct xdp_md *ctx, struct state *state, __u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		bpf_tail_call(ctx, &parsers, PARSE_TCP);
		break;
	case IPPROTO_UDP:
		bpf_tail_call(ctx, &parsers, PARSE_UDP);
		break;
	}
	return done(state);
}

SEC("xdp")
int parse(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	__builtin_memset(state, 0, sizeof(*state));
	struct ethhdr *eth = HEADER(ctx, state, sizeof(*eth), "eth");

	return eth ? next_by_ethertype(ctx, state, eth->h_proto) : done(state);
}

SEC("xdp")
int parse_vlan(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	struct {
		__be16 tci;
		__be16 proto;
	} *vlan = HEADER(ctx, state, sizeof(*vlan), " vlan");

	return vlan ? next_by_ethertype(ctx, state, vlan->proto) : done(state);
}

SEC("xdp")
int parse_arp(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	HEADER(ctx, state, 28, " arp");
	return done(state);
}

SEC("xdp")
int parse_ipv4(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	struct iphdr *ip = HEADER(ctx, state, sizeof(*ip), " ipv4");

	if (!ip || ip->ihl < 5)
		return done(state);
	state->offset += (ip->ihl - 5) * 4;
	return next_by_ip_protocol(ctx, state, ip->protocol);
}

SEC("xdp")
int parse_ipv6(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	struct ipv6hdr *ip = HEADER(ctx, state, sizeof(*ip), " ipv6");

	return ip ? next_by_ip_protocol(ctx, state, ip->nexthdr) : done(state);
}

SEC("xdp")
int parse_tcp(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	HEADER(ctx, state, sizeof(struct tcphdr), " tcp");
	return done(state);
}

SEC("xdp")
int parse_udp(struct xdp_md *ctx)
{
	struct state *state = get_state();

	if (!state)
		return XDP_ABORTED;
	HEADER(ctx, state, 8, " udp");
	return done(state);
}

char LICENSE[] SEC("license") = "GPL";

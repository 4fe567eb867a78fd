// SPDX-License-Identifier: GPL-2.0
/* Counts packets and bytes per protocol. All packets pass.
 *
 * The key is an enum and the value a struct, so that whoever reads the map through BTF sees names.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum protocol {
	OTHER,
	ARP,
	ICMP,
	ICMPV6,
	TCP,
	UDP,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, enum protocol);
	__type(value, struct counter);
} counters SEC(".maps");

struct vlan_header {
	__be16 tci;
	__be16 proto;
};

static __always_inline enum protocol of_ip(__u8 number)
{
	switch (number) {
	case IPPROTO_TCP:
		return TCP;
	case IPPROTO_UDP:
		return UDP;
	case IPPROTO_ICMP:
		return ICMP;
	case IPPROTO_ICMPV6:
		return ICMPV6;
	default:
		return OTHER;
	}
}

static __always_inline enum protocol classify(void *data, void *end)
{
	struct ethhdr *eth = data;
	void *next = eth + 1;

	if (next > end)
		return OTHER;
	__be16 proto = eth->h_proto;
	if (proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD)) {
		struct vlan_header *vlan = next;

		next = vlan + 1;
		if (next > end)
			return OTHER;
		proto = vlan->proto;
	}
	switch (bpf_ntohs(proto)) {
	case ETH_P_ARP:
		return ARP;
	case ETH_P_IP: {
		struct iphdr *ip = next;

		return (void *)(ip + 1) > end ? OTHER : of_ip(ip->protocol);
	}
	case ETH_P_IPV6: {
		struct ipv6hdr *ip = next;

		return (void *)(ip + 1) > end ? OTHER : of_ip(ip->nexthdr);
	}
	default:
		return OTHER;
	}
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	enum protocol protocol = classify(data, end);
	struct counter *counter = bpf_map_lookup_elem(&counters, &protocol);

	if (!counter) {
		struct counter zero = {};

		bpf_map_update_elem(&counters, &protocol, &zero, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&counters, &protocol);
		if (!counter)
			return XDP_PASS;
	}
	__sync_fetch_and_add(&counter->packets, 1);
	__sync_fetch_and_add(&counter->bytes, end - data);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";

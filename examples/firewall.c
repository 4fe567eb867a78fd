// SPDX-License-Identifier: GPL-2.0
/* A firewall for IPv4: the longest prefix that matches the source address decides. User space fills the table; what
 * no rule covers gets the default action.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum action {
	ALLOW,
	DENY,
};

struct prefix {
	__u32 length;
	__u8 address[4];
};

struct rule {
	enum action action;
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct prefix);
	__type(value, struct rule);
} rules SEC(".maps");

const volatile enum action default_action = ALLOW;

static __always_inline int verdict(enum action action)
{
	return action == DENY ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	struct prefix source = {.length = 32};

	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	struct rule *rule = bpf_map_lookup_elem(&rules, &source);

	if (!rule)
		return verdict(default_action);
	__sync_fetch_and_add(&rule->packets, 1);
	return verdict(rule->action);
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/* Marks packets for routing and queueing by the port they go to: skb->mark, skb->priority and, for the classifiers
 * after this one, skb->cb. A packet that is already marked keeps its mark, and cb[0] says that it was seen before.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct class {
	__u32 mark;
	__u32 priority;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u16);
	__type(value, struct class);
} classes SEC(".maps");

SEC("tc")
int marker(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct tcphdr *tcp = (void *)(ip + 1);

	skb->cb[0]++;
	if (skb->mark)
		return TC_ACT_OK;
	if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_TCP)
		return TC_ACT_OK;

	__u16 port = bpf_ntohs(tcp->dest);
	struct class *class = bpf_map_lookup_elem(&classes, &port);

	if (!class)
		return TC_ACT_OK;
	skb->mark = class->mark;
	skb->priority = class->priority;
	skb->cb[1] = port;
	return TC_ACT_PIPE;
}

char LICENSE[] SEC("license") = "GPL";

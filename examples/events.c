// SPDX-License-Identifier: GPL-2.0
/* Reports DNS queries: each one becomes an event in a ring buffer, with the client and the name in the form of the
 * message (RFC 1035, 4.1.2). A classifier for tc, so that it sees what the host sends as well.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DNS_PORT 53
#define DNS_RESPONSE 0x8000

struct dns_header {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

struct event {
	__u8 client[4];
	__u16 port;
	__u16 id;
	char name[40];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* Queries that found the ring buffer full. */
__u64 lost;

SEC("tc")
int dns_queries(struct __sk_buff *skb)
{
	__u32 at = ETH_HLEN;
	struct iphdr ip;
	struct udphdr udp;
	struct dns_header dns;

	if (skb->protocol != bpf_htons(ETH_P_IP) || bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) ||
	    ip.protocol != IPPROTO_UDP)
		return TC_ACT_OK;
	at += ip.ihl * 4;
	if (bpf_skb_load_bytes(skb, at, &udp, sizeof(udp)) || udp.dest != bpf_htons(DNS_PORT))
		return TC_ACT_OK;
	at += sizeof(udp);
	if (bpf_skb_load_bytes(skb, at, &dns, sizeof(dns)) || dns.flags & bpf_htons(DNS_RESPONSE))
		return TC_ACT_OK;
	at += sizeof(dns);

	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return TC_ACT_OK;
	}
	__builtin_memset(event, 0, sizeof(*event));
	__builtin_memcpy(event->client, &ip.saddr, sizeof(event->client));
	event->port = bpf_ntohs(udp.source);
	event->id = bpf_ntohs(dns.id);
	for (int i = 0; i < sizeof(event->name) - 1; i++) {
		if (bpf_skb_load_bytes(skb, at + i, &event->name[i], 1) || !event->name[i])
			break;
	}
	bpf_ringbuf_submit(event, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";

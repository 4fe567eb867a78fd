// SPDX-License-Identifier: GPL-2.0
/* One-armed destination NAT: traffic to a published service goes out again, on the same interface, to the server
 * behind it; replies get the published address back. User space fills `services`; the program remembers each
 * connection in `connections`, so that replies find their way. Checksums are adjusted as RFC 1624 says.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct endpoint {
	__u8 address[4];
	__u16 port;
	__u16 protocol;
};

struct connection {
	struct endpoint server;
	__u8 client_address[4];
	__u16 client_port;
	__u16 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct endpoint);
	__type(value, struct endpoint);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct connection);
	__type(value, struct endpoint);
} connections SEC(".maps");

/* Where all ports of TCP and UDP are, and the fields that a rewrite touches. */
struct ports {
	__be16 source;
	__be16 dest;
};

struct packet {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct ports *ports;
	__sum16 *check;
};

static __always_inline int parse(struct xdp_md *ctx, struct packet *p)
{
	void *end = (void *)(long)ctx->data_end;

	p->eth = (void *)(long)ctx->data;
	p->ip = (void *)(p->eth + 1);
	if ((void *)(p->ip + 1) > end || p->eth->h_proto != bpf_htons(ETH_P_IP))
		return -1;
	/* Neither options nor fragments. */
	if (p->ip->ihl != 5 || p->ip->frag_off & bpf_htons(0x3fff) || p->ip->ttl <= 1)
		return -1;
	p->ports = (void *)(p->ip + 1);
	if (p->ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)p->ports;

		if ((void *)(tcp + 1) > end)
			return -1;
		p->check = &tcp->check;
	} else if (p->ip->protocol == IPPROTO_UDP) {
		struct udphdr *udp = (void *)p->ports;

		if ((void *)(udp + 1) > end)
			return -1;
		p->check = &udp->check;
	} else {
		return -1;
	}
	return 0;
}

static __always_inline __sum16 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* RFC 1624, equation 3: HC' = ~(~HC + ~m + m'). */
static __always_inline void adjust(__sum16 *check, __u16 from, __u16 to)
{
	*check = fold((__u64)(__u16)~*check + (__u16)~from + to);
}

static __always_inline void rewrite(struct packet *p, __be32 *address, __be16 *port, const struct endpoint *to)
{
	__be32 from_address = *address, to_address;
	__be16 from_port = *port, to_port = bpf_htons(to->port);
	__be16 from_ttl = *(__be16 *)&p->ip->ttl;

	__builtin_memcpy(&to_address, to->address, sizeof(to_address));
	*address = to_address;
	*port = to_port;
	p->ip->ttl--;
	adjust(&p->ip->check, from_ttl, *(__be16 *)&p->ip->ttl);
	adjust(&p->ip->check, from_address, to_address);
	adjust(&p->ip->check, from_address >> 16, to_address >> 16);

	/* UDP: zero means that there is no checksum. */
	if (p->ip->protocol == IPPROTO_UDP && !*p->check)
		return;
	adjust(p->check, from_address, to_address);
	adjust(p->check, from_address >> 16, to_address >> 16);
	adjust(p->check, from_port, to_port);
	if (p->ip->protocol == IPPROTO_UDP && !*p->check)
		*p->check = 0xffff;
}

static __always_inline int send_back(struct packet *p)
{
	__u8 address[ETH_ALEN];

	__builtin_memcpy(address, p->eth->h_source, ETH_ALEN);
	__builtin_memcpy(p->eth->h_source, p->eth->h_dest, ETH_ALEN);
	__builtin_memcpy(p->eth->h_dest, address, ETH_ALEN);
	return XDP_TX;
}

SEC("xdp")
int nat(struct xdp_md *ctx)
{
	struct packet p;

	if (parse(ctx, &p))
		return XDP_PASS;

	struct endpoint source = {.port = bpf_ntohs(p.ports->source), .protocol = p.ip->protocol};
	struct endpoint dest = {.port = bpf_ntohs(p.ports->dest), .protocol = p.ip->protocol};

	__builtin_memcpy(source.address, &p.ip->saddr, sizeof(source.address));
	__builtin_memcpy(dest.address, &p.ip->daddr, sizeof(dest.address));

	struct endpoint *server = bpf_map_lookup_elem(&services, &dest);

	if (server) {
		struct connection forward = {.server = *server, .client_port = source.port};

		__builtin_memcpy(forward.client_address, source.address, sizeof(source.address));
		bpf_map_update_elem(&connections, &forward, &dest, BPF_ANY);
		rewrite(&p, &p.ip->daddr, &p.ports->dest, server);
		return send_back(&p);
	}

	struct connection reply = {.server = source, .client_port = dest.port};

	__builtin_memcpy(reply.client_address, dest.address, sizeof(dest.address));
	struct endpoint *published = bpf_map_lookup_elem(&connections, &reply);

	if (published) {
		rewrite(&p, &p.ip->saddr, &p.ports->source, published);
		return send_back(&p);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";

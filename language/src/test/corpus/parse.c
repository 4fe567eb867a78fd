/* Parsers of Ethernet, VLAN, IPv4, IPv6, TCP and UDP, with headers of variable length; some forget a check. */
#include "corpus.h"
struct vlan { __be16 tci, proto; };
struct flow { __u32 saddr, daddr; __u16 sport, dport; __u8 proto; };
MAP(flows, BPF_MAP_TYPE_HASH, struct flow, __u64, 1024);
MAP(counts, BPF_MAP_TYPE_ARRAY, __u32, __u64, 256);

INLINE void count(__u32 key)
{
    __u64 *value = bpf_map_lookup_elem(&counts, &key);
    if (value)
        __sync_fetch_and_add(value, 1);
}

SEC("xdp") int eth_type(struct xdp_md *ctx)
{
    struct ethhdr *eth = DATA(ctx);
    if ((void *)(eth + 1) > END(ctx))
        return XDP_DROP;
    return eth->h_proto == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int eth_type_unchecked(struct xdp_md *ctx)
{
    struct ethhdr *eth = DATA(ctx);
    return eth->h_proto == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int eth_off_by_one(struct xdp_md *ctx)
{
    __u8 *p = DATA(ctx);
    if (p + 13 > (__u8 *)END(ctx))
        return XDP_DROP;
    return p[13] == 0 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int eth_wrong_way(struct xdp_md *ctx)
{
    struct ethhdr *eth = DATA(ctx);
    if ((void *)(eth + 1) < END(ctx))
        return XDP_DROP;
    return eth->h_proto == 8 ? XDP_PASS : XDP_DROP;
}

#define VLANS(n) \
    SEC("xdp") int vlan_##n(struct xdp_md *ctx) \
    { \
        void *end = END(ctx); \
        struct ethhdr *eth = DATA(ctx); \
        if ((void *)(eth + 1) > end) \
            return XDP_DROP; \
        __be16 proto = eth->h_proto; \
        void *next = eth + 1; \
        for (int i = 0; i < n; i++) { \
            if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD)) \
                break; \
            struct vlan *tag = next; \
            if ((void *)(tag + 1) > end) \
                return XDP_DROP; \
            proto = tag->proto; \
            next = tag + 1; \
        } \
        struct iphdr *ip = next; \
        if (proto != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end) \
            return XDP_PASS; \
        count(ip->protocol); \
        return XDP_PASS; \
    }
VLANS(1)
VLANS(2)
VLANS(4)
VLANS(8)

#define IHL(name, check, offset) \
    SEC("xdp") int ihl_##name(struct xdp_md *ctx) \
    { \
        void *end = END(ctx); \
        struct ethhdr *eth = DATA(ctx); \
        struct iphdr *ip = (void *)(eth + 1); \
        if ((void *)(ip + 1) > end) \
            return XDP_DROP; \
        __u32 len = ip->ihl * 4; \
        struct udphdr *udp = (void *)ip + len; \
        check return offset == bpf_htons(53) ? XDP_DROP : XDP_PASS; \
    }
IHL(checked, if ((void *)(udp + 1) > end) return XDP_DROP;, udp->dest)
IHL(minimum, if (len < 20 || (void *)(udp + 1) > end) return XDP_DROP;, udp->dest)
IHL(unchecked, , udp->dest)
IHL(before, if (len < 20 || (void *)udp > end) return XDP_DROP;, udp->dest)
IHL(too_far, if ((void *)(udp + 1) > end) return XDP_DROP;, *(__be16 *)(udp + 1))
IHL(ports_only, if ((void *)udp + 4 > end) return XDP_DROP;, udp->dest)
IHL(length_field, if ((void *)udp + 4 > end) return XDP_DROP;, udp->len)

SEC("tc") int five_tuple(struct __sk_buff *ctx)
{
    void *end = END(ctx);
    struct ethhdr *eth = DATA(ctx);
    if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
        return TC_ACT_OK;
    struct iphdr *ip = (void *)(eth + 1);
    if ((void *)(ip + 1) > end || ip->ihl < 5)
        return TC_ACT_OK;
    struct flow flow = {.saddr = ip->saddr, .daddr = ip->daddr, .proto = ip->protocol};
    __u16 *ports = (void *)ip + ip->ihl * 4;
    if (ip->protocol == IPPROTO_TCP || ip->protocol == IPPROTO_UDP) {
        if ((void *)(ports + 2) > end)
            return TC_ACT_SHOT;
        flow.sport = ports[0];
        flow.dport = ports[1];
    }
    __u64 one = 1, *seen = bpf_map_lookup_elem(&flows, &flow);
    if (seen)
        __sync_fetch_and_add(seen, 1);
    else
        bpf_map_update_elem(&flows, &flow, &one, BPF_NOEXIST);
    return TC_ACT_OK;
}
SEC("tc") int five_tuple_padding(struct __sk_buff *ctx)
{
    void *end = END(ctx);
    struct iphdr *ip = DATA(ctx) + 14;
    if ((void *)(ip + 1) > end)
        return TC_ACT_OK;
    struct flow flow;
    flow.saddr = ip->saddr;
    flow.daddr = ip->daddr;
    flow.sport = flow.dport = 0;
    flow.proto = ip->protocol;
    __u64 *seen = bpf_map_lookup_elem(&flows, &flow);
    return seen ? TC_ACT_OK : TC_ACT_SHOT;
}

#define EXTENSIONS(n) \
    SEC("xdp") int ipv6_extensions_##n(struct xdp_md *ctx) \
    { \
        void *end = END(ctx); \
        struct ipv6hdr *ip = DATA(ctx) + 14; \
        if ((void *)(ip + 1) > end) \
            return XDP_DROP; \
        __u8 next = ip->nexthdr; \
        __u8 *at = (void *)(ip + 1); \
        for (int i = 0; i < n; i++) { \
            if (next != 0 && next != 43 && next != 60) \
                break; \
            if (at + 8 > (__u8 *)end) \
                return XDP_DROP; \
            next = at[0]; \
            at += 8 + at[1] * 8; \
        } \
        if (next == IPPROTO_TCP) { \
            struct tcphdr *tcp = (void *)at; \
            if ((void *)(tcp + 1) > end) \
                return XDP_DROP; \
            if (tcp->syn) \
                count(1); \
        } \
        return XDP_PASS; \
    }
EXTENSIONS(1)
EXTENSIONS(2)
EXTENSIONS(4)
EXTENSIONS(6)

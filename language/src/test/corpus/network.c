/* Rewriting packets, sockets, cgroups: what programs of the network's hooks do. */
#include "corpus.h"
struct backend { __u32 address; __u16 port; __u8 mac[6]; };
MAP(backends, BPF_MAP_TYPE_ARRAY, __u32, struct backend, 64);
MAP(blocked, BPF_MAP_TYPE_HASH, __u32, __u8, 1024);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } jumps SEC(".maps");
#define TC(name, ...) SEC("tc") int name(struct __sk_buff *ctx) { void *data = DATA(ctx), *end = END(ctx); __VA_ARGS__ return TC_ACT_OK; }
TC(mark, ctx->mark = 7; ctx->priority = 3; ctx->cb[1] = ctx->hash;)
TC(mark_length, *(volatile __u32 *)&ctx->len = 5;)
TC(mark_hash, *(volatile __u32 *)&ctx->hash = 5;)
TC(direct_write, struct ethhdr *eth = data; if ((void *)(eth + 1) > end) return 2; eth->h_dest[0] = 2;)
TC(direct_write_unchecked, struct ethhdr *eth = data; eth->h_dest[0] = 2;)
TC(store_bytes, __u8 mac[6] = {2, 0, 0, 0, 0, 1}; bpf_skb_store_bytes(ctx, 0, mac, 6, 0);)
TC(store_long, __u8 mac[6] = {2}; bpf_skb_store_bytes(ctx, 0, mac, 520, 0);)
TC(stale, struct ethhdr *eth = data; if ((void *)(eth + 1) > end) return 2; bpf_skb_pull_data(ctx, 64); eth->h_dest[0] = 2;)
TC(fresh, bpf_skb_pull_data(ctx, 64); data = DATA(ctx); end = END(ctx); if (data + 64 > end) return 2; ((__u8 *)data)[63] = 2;)
TC(csum, bpf_l3_csum_replace(ctx, 24, 1, 2, 2); bpf_l4_csum_replace(ctx, 36, 1, 2, BPF_F_PSEUDO_HDR | 2);)
TC(tail, bpf_tail_call(ctx, &jumps, 1);)
TC(tail_variable, bpf_tail_call(ctx, &jumps, ctx->len & 3);)
TC(vlan, bpf_skb_vlan_push(ctx, bpf_htons(ETH_P_8021Q), 7); bpf_skb_vlan_pop(ctx);)
TC(redirect, return bpf_redirect(1, 0);)
TC(clone, bpf_clone_redirect(ctx, 1, 0);)
TC(socket_found, struct bpf_sock_tuple t = {}; struct bpf_sock *sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), -1, 0); if (sk) { ctx->mark = sk->family; bpf_sk_release(sk); })
TC(socket_leak, struct bpf_sock_tuple t = {}; struct bpf_sock *sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), -1, 0); if (sk) ctx->mark = sk->family;)
TC(socket_unchecked, struct bpf_sock_tuple t = {}; struct bpf_sock *sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), -1, 0); bpf_sk_release(sk);)
TC(socket_after, struct bpf_sock_tuple t = {}; struct bpf_sock *sk = bpf_sk_lookup_udp(ctx, &t, sizeof(t.ipv4), -1, 0); if (sk) { bpf_sk_release(sk); ctx->mark = sk->family; })
TC(socket_own, struct bpf_sock *sk = ctx->sk; if (sk) { sk = bpf_sk_fullsock(sk); if (sk) ctx->mark = sk->mark; })
TC(socket_own_unchecked, ctx->mark = ctx->sk->family;)
TC(cookie, ctx->mark = bpf_get_socket_cookie(ctx);)
#define XDP(name, ...) SEC("xdp") int name(struct xdp_md *ctx) { void *data = DATA(ctx), *end = END(ctx); __VA_ARGS__ return XDP_PASS; }
XDP(swap, struct ethhdr *eth = data; if ((void *)(eth + 1) > end) return 1; for (int i = 0; i < 6; i++) { __u8 t = eth->h_dest[i]; eth->h_dest[i] = eth->h_source[i]; eth->h_source[i] = t; } return XDP_TX;)
XDP(adjust_head, if (bpf_xdp_adjust_head(ctx, -14)) return 1; data = DATA(ctx); end = END(ctx); if (data + 14 > end) return 1; *(__u8 *)data = 1;)
XDP(adjust_head_stale, if (data + 14 > end) return 1; bpf_xdp_adjust_head(ctx, -14); *(__u8 *)data = 1;)
XDP(adjust_tail, bpf_xdp_adjust_tail(ctx, -4);)
XDP(meta, if (bpf_xdp_adjust_meta(ctx, -8)) return 1; __u32 *meta = (void *)(long)ctx->data_meta; data = DATA(ctx); if ((void *)(meta + 2) > data) return 1; meta[0] = 7;)
XDP(meta_far, if (bpf_xdp_adjust_meta(ctx, -8)) return 1; __u32 *meta = (void *)(long)ctx->data_meta; data = DATA(ctx); if ((void *)(meta + 2) > data) return 1; meta[2] = 7;)
XDP(load_bytes, __u8 b[32]; if (bpf_xdp_load_bytes(ctx, 0, b, 32)) return 1; if (b[31]) return 2;)
XDP(load_bytes_long, __u8 b[32]; if (bpf_xdp_load_bytes(ctx, 0, b, 600)) return 1; if (b[31]) return 2;)
XDP(firewall, struct iphdr *ip = data + 14; if ((void *)(ip + 1) > end) return 2; __u32 source = ip->saddr; if (bpf_map_lookup_elem(&blocked, &source)) return 1;)
XDP(firewall_packet_key, struct iphdr *ip = data + 14; if ((void *)(ip + 1) > end) return 2; if (bpf_map_lookup_elem(&blocked, &ip->saddr)) return 1;)
XDP(firewall_packet_key_far, struct iphdr *ip = data + 14; if ((void *)ip + 14 > end) return 2; if (bpf_map_lookup_elem(&blocked, &ip->saddr)) return 1;)
XDP(balance, struct iphdr *ip = data + 14; if ((void *)(ip + 1) > end) return 2; __u32 key = (ip->saddr * 2654435761u) >> 26; struct backend *b = bpf_map_lookup_elem(&backends, &key); if (!b) return 1;
    struct ethhdr *eth = data; __builtin_memcpy(eth->h_dest, b->mac, 6); ip->daddr = b->address; return XDP_TX;)
XDP(payload, struct tcphdr *tcp = data + 34; if ((void *)(tcp + 1) > end) return 2; char *p = (void *)tcp + tcp->doff * 4; if (p + 4 > (char *)end) return 2; if (p[0] == 'G' && p[1] == 'E' && p[2] == 'T' && p[3] == ' ') return 1;)
XDP(payload_far, struct tcphdr *tcp = data + 34; if ((void *)(tcp + 1) > end) return 2; char *p = (void *)tcp + tcp->doff * 4; if (p + 4 > (char *)end) return 2; if (p[4] == '/') return 1;)
XDP(dns, __u8 *p = data + 54; __u32 labels = 0; for (int i = 0; i < 16; i++) { if (p + 1 > (__u8 *)end) return 1; __u8 n = *p; if (n == 0) break; if (n > 63) return 1; p += n + 1; labels++; } return labels > 4 ? 1 : 2;)
XDP(dns_name, __u8 *p = data + 54; __u32 hash = 0; for (int i = 0; i < 64; i++) { if (p + 1 > (__u8 *)end) break; if (!*p) break; hash = hash * 31 + *p; p++; } return hash & 1 ? 1 : 2;)
SEC("cgroup/connect4") int connect(struct bpf_sock_addr *ctx) { if (ctx->user_port == bpf_htons(80)) ctx->user_ip4 = bpf_htonl(0x7f000001); return 1; }
SEC("cgroup/connect4") int connect_ip6(struct bpf_sock_addr *ctx) { return ctx->user_ip6[0] & 1; }
SEC("cgroup/connect4") int connect_two(struct bpf_sock_addr *ctx) { return 2; }
SEC("cgroup/bind4") int bind(struct bpf_sock_addr *ctx) { return ctx->user_port >= bpf_htons(1024); }
SEC("cgroup_skb/egress") int egress(struct __sk_buff *ctx) { return ctx->len < 1500 ? 1 : 0; }
SEC("cgroup_skb/egress") int egress_length(struct __sk_buff *ctx) { return ctx->len; }
SEC("cgroup/dev") int device(struct bpf_cgroup_dev_ctx *ctx) { return ctx->major == 1 && (ctx->access_type & 0xffff) == 2; }
SEC("cgroup/sysctl") int sysctl(struct bpf_sysctl *ctx) { char name[16]; if (bpf_sysctl_get_name(ctx, name, sizeof(name), 0) < 0) return 0; return ctx->write ? 0 : 1; }
SEC("sockops") int sock_options(struct bpf_sock_ops *ctx) { if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB) bpf_sock_ops_cb_flags_set(ctx, 1); return 1; }
SEC("sk_lookup") int lookup(struct bpf_sk_lookup *ctx) { return ctx->local_port == 80 ? SK_DROP : SK_PASS; }
SEC("sk_lookup") int lookup_range(struct bpf_sk_lookup *ctx) { return ctx->local_port; }
SEC("socket") int filter(struct __sk_buff *ctx) { __u8 b; return bpf_skb_load_bytes(ctx, 9, &b, 1) ? 0 : b == 6 ? ctx->len : 0; }
SEC("socket") int filter_direct(struct __sk_buff *ctx) { __u8 *p = DATA(ctx); return p + 1 > (__u8 *)END(ctx) ? 0 : *p; }
SEC("flow_dissector") int dissect(struct __sk_buff *ctx) { struct bpf_flow_keys *keys = ctx->flow_keys; keys->thoff = keys->nhoff + 20; return 0; }

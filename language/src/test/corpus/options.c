/* Loops over options: of IPv4, of TCP, type-length-value lists, with and without the checks that bound them. */
#include "corpus.h"
MAP(seen, BPF_MAP_TYPE_ARRAY, __u32, __u64, 256);

#define TCP_OPTIONS(name, turns, guard) \
    SEC("xdp") int tcp_##name##_##turns(struct xdp_md *ctx) \
    { \
        __u8 *end = END(ctx); \
        struct tcphdr *tcp = DATA(ctx) + 34; \
        if ((void *)(tcp + 1) > (void *)end) \
            return XDP_DROP; \
        __u8 *at = (void *)(tcp + 1); \
        __u32 len = tcp->doff * 4, used = 20; \
        __u16 mss = 0; \
        for (int i = 0; i < turns; i++) { \
            if (used >= len || at + 2 > end) \
                break; \
            __u8 kind = at[0]; \
            if (kind == 0) \
                break; \
            if (kind == 1) { \
                at++; \
                used++; \
                continue; \
            } \
            __u8 size = at[1]; \
            if (size < 2) \
                return XDP_DROP; \
            if (kind == 2) { \
                guard mss = at[2] << 8 | at[3]; \
                break; \
            } \
            at += size; \
            used += size; \
        } \
        return mss > 1400 ? XDP_DROP : XDP_PASS; \
    }
TCP_OPTIONS(mss, 4, if (at + 4 > end) break;)
TCP_OPTIONS(mss, 10, if (at + 4 > end) break;)
TCP_OPTIONS(mss, 20, if (at + 4 > end) break;)
TCP_OPTIONS(unguarded, 10, )
TCP_OPTIONS(short_guard, 10, if (at + 3 > end) break;)

#define OFFSETS(name, mask, turns) \
    SEC("xdp") int offsets_##name(struct xdp_md *ctx) \
    { \
        __u8 *data = DATA(ctx), *end = END(ctx); \
        __u32 at = 14, sum = 0; \
        for (int i = 0; i < turns; i++) { \
            __u8 *p = data + (at & mask); \
            if (p + 2 > end) \
                return XDP_DROP; \
            sum += p[0]; \
            at += p[1] + 1; \
        } \
        return sum & 1 ? XDP_PASS : XDP_DROP; \
    }
OFFSETS(small, 0xff, 8)
OFFSETS(medium, 0xfff, 16)
OFFSETS(large, 0x7fff, 16)
OFFSETS(too_large, 0x1ffff, 4)
OFFSETS(unmasked, 0xffffffff, 4)

#define TLV(name, turns, limit) \
    SEC("tc") int tlv_##name(struct __sk_buff *ctx) \
    { \
        __u8 head[4], value[64]; \
        __u32 at = 42; \
        for (int i = 0; i < turns; i++) { \
            if (bpf_skb_load_bytes(ctx, at, head, 2) < 0) \
                return TC_ACT_OK; \
            __u32 len = head[1]; \
            if (limit) \
                return TC_ACT_SHOT; \
            if (bpf_skb_load_bytes(ctx, at + 2, value, len) < 0) \
                return TC_ACT_OK; \
            if (head[0] == 7 && value[0] == 'x') \
                return TC_ACT_SHOT; \
            at += 2 + len; \
        } \
        return TC_ACT_OK; \
    }
TLV(good, 4, len < 1 || len > 64)
TLV(good_many, 16, len < 1 || len > 64)
TLV(zero, 4, len > 64)
TLV(long, 4, len < 1 || len > 65)
TLV(unlimited, 4, 0)
TLV(signed, 4, (int)len < 1 || (int)len > 64)

#define WALK(name, limit, step) \
    SEC("xdp") int walk_##name(struct xdp_md *ctx) \
    { \
        __u8 *at = DATA(ctx), *end = END(ctx); \
        __u32 sum = 0; \
        for (int i = 0; i < limit && at + step <= end; i++, at += step) \
            sum += *at; \
        return sum & 1 ? XDP_PASS : XDP_DROP; \
    }
WALK(bytes_64, 64, 1)
WALK(bytes_512, 512, 1)
WALK(words_64, 64, 4)
WALK(words_300, 300, 4)
WALK(bytes_1500, 1500, 1)
SEC("xdp") int walk_endless(struct xdp_md *ctx)
{
    __u8 *at = DATA(ctx), *end = END(ctx);
    __u32 sum = 0;
    while (at + 1 <= end)
        sum += *at++;
    return sum & 1 ? XDP_PASS : XDP_DROP;
}

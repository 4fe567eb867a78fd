/* Subprograms, static and global, big ones, recursion, callbacks. */
#include "corpus.h"
struct state { __u64 sum; __u32 turns; __u32 limit; __u8 bytes[32]; };
struct pair { __u64 a, b; };
MAP(states, BPF_MAP_TYPE_HASH, __u32, struct state, 16);
RING(ring, 4096);

CALLED __u64 mix(__u64 x, __u64 y) { x ^= y * 0x9e3779b97f4a7c15; x ^= x >> 29; return x * 0xbf58476d1ce4e5b9 ^ x >> 32; }
CALLED int mask(__u32 x) { return x & 31; }
CALLED int not_masked(__u32 x) { return x * 3; }
CALLED int fill(struct state *s) { for (int i = 0; i < 32; i++) s->bytes[i] = i; return 0; }
CALLED int fill_beyond(struct state *s) { for (int i = 0; i < 33; i++) ((volatile __u8 *)s->bytes)[i + 16] = i; return 0; }
CALLED int is_null(struct state *s) { return !s; }
CALLED void *lookup(__u32 key) { return bpf_map_lookup_elem(&states, &key); }
CALLED int read_packet(struct xdp_md *ctx, __u32 at) { __u8 *p = DATA(ctx) + (at & 0xff); return p + 1 > (__u8 *)END(ctx) ? -1 : *p; }
CALLED int read_pointer(__u8 *p, __u8 *end) { return p + 1 > end ? -1 : *p; }
CALLED int read_unchecked(__u8 *p) { return *p; }
CALLED int depth3(__u64 x) { volatile __u64 pad[8]; pad[0] = x; return mix(pad[0], 3) & 7; }
CALLED int depth2(__u64 x) { volatile __u64 pad[8]; pad[0] = x; return depth3(pad[0]) + 1; }
CALLED int depth1(__u64 x) { volatile __u64 pad[8]; pad[0] = x; return depth2(pad[0]) + 1; }
CALLED int wide3(__u64 x) { volatile __u64 pad[24]; pad[0] = x; return mix(pad[0], 3) & 7; }
CALLED int wide2(__u64 x) { volatile __u64 pad[24]; pad[0] = x; return wide3(pad[0]) + 1; }
CALLED int wide1(__u64 x) { volatile __u64 pad[24]; pad[0] = x; return wide2(pad[0]) + 1; }
__attribute__((noinline)) int global_mask(__u32 x) { BARRIER(x); return x & 31; }
__attribute__((noinline)) int global_pair(struct pair *p) { return p ? p->a > p->b : 0; }
__attribute__((noinline)) int global_pair_unchecked(struct pair *p) { return p->a > p->b; }
__attribute__((noinline)) int global_packet(struct xdp_md *ctx) { __u8 *p = DATA(ctx); return p + 1 > (__u8 *)END(ctx) ? 0 : *p; }
__attribute__((noinline)) int global_fill(struct pair *p, __u32 x) { if (!p) return -1; p->a = x; p->b = x * 2; return 0; }
__attribute__((noinline)) int global_beyond(struct pair *p) { return p ? ((volatile __u64 *)p)[2] : 0; }

#define PROGRAM(name, ...) SEC("xdp") int name(struct xdp_md *ctx) { struct state *s = lookup(ctx->rx_queue_index); __u64 r = 0; __VA_ARGS__ return r & 1 ? XDP_PASS : XDP_DROP; }
PROGRAM(mixed, for (int i = 0; i < 8; i++) r = mix(r, i);)
PROGRAM(mixed_long, for (int i = 0; i < 200; i++) r = mix(r, i);)
PROGRAM(index_masked, if (s) r = s->bytes[mask(s->turns)];)
PROGRAM(index_not_masked, if (s) r = s->bytes[not_masked(s->turns)];)
PROGRAM(index_global, if (s) r = s->bytes[global_mask(s->turns) & 31];)
PROGRAM(index_global_trusted, if (s) { int i = global_mask(s->turns); BARRIER(i); r = s->bytes[i]; })
PROGRAM(filled, if (s) r = fill(s);)
PROGRAM(filled_unchecked, r = fill(s);)
PROGRAM(filled_beyond, if (s) r = fill_beyond(s);)
PROGRAM(filled_stack, struct state local; fill(&local); r = local.bytes[3];)
PROGRAM(null_in_callee, if (!is_null(s)) r = s->sum;)
PROGRAM(packet_by_context, r = read_packet(ctx, 12) + read_packet(ctx, 13);)
PROGRAM(packet_by_pointer, r = read_pointer(DATA(ctx), END(ctx));)
PROGRAM(packet_unchecked, r = read_unchecked(DATA(ctx));)
PROGRAM(packet_checked_before, __u8 *p = DATA(ctx); if (p + 1 > (__u8 *)END(ctx)) return XDP_DROP; r = read_unchecked(p);)
PROGRAM(deep, r = depth1(ctx->rx_queue_index);)
PROGRAM(deep_and_wide, r = wide1(ctx->rx_queue_index);)
PROGRAM(pair, struct pair p = {1, 2}; r = global_pair(&p);)
PROGRAM(pair_unchecked, struct pair p = {1, 2}; r = global_pair_unchecked(&p);)
PROGRAM(pair_filled, struct pair p = {}; r = global_fill(&p, 7) + p.b;)
PROGRAM(pair_beyond, struct pair p = {}; r = global_beyond(&p);)
PROGRAM(pair_null, r = global_pair(0);)
PROGRAM(pair_short, __u64 one = 1; r = global_pair((struct pair *)&one);)
PROGRAM(pair_in_map, if (s) r = global_pair((struct pair *)s->bytes);)
PROGRAM(pair_at_end_of_map, if (s) r = global_pair((struct pair *)(s->bytes + 24));)
PROGRAM(packet_global, r = global_packet(ctx);)

static long step(__u32 i, struct state *s) { s->sum += i; s->turns++; return s->turns >= s->limit; }
static long step_index(__u32 i, struct state *s) { if (i >= 32) return 1; s->bytes[i] = i; return 0; }
static long step_unchecked(__u32 i, struct state *s) { s->bytes[i] = i; return 0; }
static long step_two(__u32 i, struct state *s) { s->sum++; return 2; }
static long step_reserve(__u32 i, void *s) { __u64 *record = bpf_ringbuf_reserve(&ring, 8, 0); if (record) { *record = i; bpf_ringbuf_submit(record, 0); } return 0; }
static long step_leak(__u32 i, void *s) { __u64 *record = bpf_ringbuf_reserve(&ring, 8, 0); if (record) *record = i; return 0; }
static long inner_step(__u32 i, __u64 *sum) { *sum += i; return 0; }
static long outer_step(__u32 i, __u64 *sum) { bpf_loop(4, inner_step, sum, 0); return 0; }
static long each(void *map, __u32 *key, struct state *s, struct pair *p) { p->a += *key; p->b += s->sum; return 0; }
static long each_writes_key(void *map, __u32 *key, struct state *s, struct pair *p) { *key = 1; return 0; }
static long each_deletes(void *map, __u32 *key, struct state *s, struct pair *p) { if (!s->sum) bpf_map_delete_elem(map, key); return 0; }
static long each_far(void *map, __u32 *key, struct state *s, struct pair *p) { p->a = s[1].sum; return 0; }
#define LOOP(name, n, f) SEC("tc") int name(struct __sk_buff *ctx) { struct state s = {.limit = 10}; bpf_loop(n, f, &s, 0); return s.sum & 1; }
LOOP(loop, 100, step)
LOOP(loop_variable, ctx->len, step)
LOOP(loop_index, 32, step_index)
LOOP(loop_index_unchecked, 32, step_unchecked)
LOOP(loop_returns_two, 32, step_two)
LOOP(loop_reserve, 8, step_reserve)
LOOP(loop_leak, 8, step_leak)
SEC("tc") int loop_nested(struct __sk_buff *ctx) { __u64 sum = 0; bpf_loop(8, outer_step, &sum, 0); return sum & 1; }
SEC("tc") int loop_flags(struct __sk_buff *ctx) { struct state s = {}; bpf_loop(8, step, &s, 1); return s.sum & 1; }
#define EACH(name, f) SEC("tc") int name(struct __sk_buff *ctx) { struct pair p = {}; bpf_for_each_map_elem(&states, f, &p, 0); return p.a & 1; }
EACH(for_each, each)
EACH(for_each_writes_key, each_writes_key)
EACH(for_each_deletes, each_deletes)
EACH(for_each_far, each_far)

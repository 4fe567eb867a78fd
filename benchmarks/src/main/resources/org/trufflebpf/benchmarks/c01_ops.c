/* c01_ops: what one map operation or helper costs. Each program does 64 operations
 * with pseudo-random keys below n. Input: { u64 seed, n, acc }, written back so that
 * each run goes on with other keys. Cost = (ns(op) - ns(op_none)) / 64.
 * The user-space harness can run those without kernel-only helpers. */
#include "bx.h"
#define OPS 64
#ifndef ENTRIES
#define ENTRIES 1024 /* of the maps whose size matters */
#endif
struct in { u64 seed, n, acc; };
struct lpmkey { u32 plen, addr; };
struct ev { u64 w[8]; };
#define BODY(name, ...) \
SEC("xdp") int name(struct xdp_md *ctx) \
{ \
	struct in *p = PTR(ctx->data); \
	if ((void *)(p + 1) > (void *)PTR(ctx->data_end)) return 0; \
	u64 x = p->seed, n = p->n, acc = 0; \
	_Pragma("clang loop unroll(disable)") \
	for (int i = 0; i < OPS; i++) { \
		x ^= x << 13; x ^= x >> 7; x ^= x << 17; \
		u32 key = ((u64)(u32)x * n) >> 32; \
		__VA_ARGS__ \
	} \
	p = PTR(ctx->data); \
	if ((void *)(p + 1) > (void *)PTR(ctx->data_end)) return 0; \
	p->seed = x; p->acc += acc; \
	return XDP_PASS; \
}
#ifndef ONLY
#define ONLY 0
#endif
#if !ONLY || ONLY == 1
BODY(op_none, acc += key;)
#endif
#if !ONLY || ONLY == 2
MAP(ARRAY, m_array, u32, u64, ENTRIES);
BODY(op_array, u64 *v = lookup(&m_array, &key); if (v) acc += *v;)
#endif
#if !ONLY || ONLY == 3
MAP(HASH, m_hash, u32, u64, ENTRIES);
BODY(op_hash_hit, u64 *v = lookup(&m_hash, &key); if (v) acc += *v;)
#endif
#if !ONLY || ONLY == 4
#if ONLY
MAP(HASH, m_hash, u32, u64, ENTRIES);
#endif
BODY(op_hash_miss, key |= 1u << 31; u64 *v = lookup(&m_hash, &key); if (v) acc += *v; else acc++;)
#endif
#if !ONLY || ONLY == 5
#if ONLY
MAP(HASH, m_hash, u32, u64, ENTRIES);
#endif
BODY(op_hash_upd, acc += update(&m_hash, &key, &x, 0);)
#endif
#if !ONLY || ONLY == 6
#if ONLY
MAP(HASH, m_hash, u32, u64, ENTRIES);
#endif
BODY(op_hash_insdel, key |= 1u << 31; acc += update(&m_hash, &key, &x, 0); acc += delete(&m_hash, &key);)
#endif
#if !ONLY || ONLY == 7
MAP(LRU_HASH, m_lru, u32, u64, ENTRIES);
BODY(op_lru_hit, u64 *v = lookup(&m_lru, &key); if (v) acc += *v;)
#endif
#if !ONLY || ONLY == 8
#if ONLY
MAP(LRU_HASH, m_lru, u32, u64, ENTRIES);
#endif
BODY(op_lru_upd, acc += update(&m_lru, &key, &x, 0);)
#endif
#if !ONLY || ONLY == 9
#if ONLY
MAP(LRU_HASH, m_lru, u32, u64, ENTRIES);
#endif
BODY(op_lru_churn, key = x >> 20; acc += update(&m_lru, &key, &x, 0);) /* nearly every key is new: evicts */
#endif
#if !ONLY || ONLY == 10
LPMMAP(m_lpm, struct lpmkey, u64, ENTRIES);
/* prefix number i is (i * 40503 mod 2^24) as a /24; the address is drawn within it */
BODY(op_lpm, struct lpmkey k = { 32, bswap32(((key * 40503u) << 8) | (u8)(x >> 40)) }; u64 *v = lookup(&m_lpm, &k); if (v) acc += *v;)
#endif
#if !ONLY || ONLY == 11
RINGBUF(r_out, 32 << 20);
BODY(op_rb_output, struct ev e = { { x, x, x, x, x, x, x, x } }; acc += rb_output(&r_out, &e, sizeof e, 1);)
#endif
#if !ONLY || ONLY == 12
RINGBUF(r_res, 32 << 20);
BODY(op_rb_reserve, struct ev *e = rb_reserve(&r_res, sizeof *e, 0); if (e) { e->w[0] = e->w[1] = e->w[2] = e->w[3] = e->w[4] = e->w[5] = e->w[6] = e->w[7] = x; rb_submit(e, 1); } else acc++;)
#endif
#if !ONLY || ONLY == 13
BODY(op_ktime, acc += ktime() + key;)
#endif
#if !ONLY || ONLY == 14
BODY(op_prandom, acc += prandom() + key;)
#endif
#if !ONLY || ONLY == 15
#if ONLY
MAP(ARRAY, m_array, u32, u64, ENTRIES);
#endif
BODY(op_atomic_add, u64 *v = lookup(&m_array, &key); if (v) __sync_fetch_and_add(v, key);)
#endif
#ifndef FORM_NATIVE
#if !ONLY
MAP(PERCPU_ARRAY, m_pcarr, u32, u64, ENTRIES);
BODY(op_percpu_array, u64 *v = lookup(&m_pcarr, &key); if (v) acc += *v;)
MAP(PERCPU_HASH, m_pchash, u32, u64, ENTRIES);
BODY(op_percpu_hash, u64 *v = lookup(&m_pchash, &key); if (v) acc += *v;)
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); __uint(max_entries, 64); } p_out SEC(".maps");
BODY(op_perf_output, struct ev e = { { x, x, x, x, x, x, x, x } }; acc += perf_output(ctx, &p_out, 0xffffffffULL, &e, sizeof e);)
BODY(op_cpuid, acc += cpuid() + key;)
BODY(op_csum_diff, struct ev e = { { x, x, x, x, x, x, x, x } }; acc += csum_diff(0, 0, &e, sizeof e, 0);)
BODY(op_adjust_head, acc += adjust_head(ctx, -20) + key; acc += adjust_head(ctx, 20);)
static NOINLINE u64 sub(u64 a, u64 b) { __asm__ volatile("" : "+r"(a)); return a + b; }
BODY(op_bpf_call, acc += sub(key, x);)
struct lockv2 { struct bpf_spin_lock { u32 val; } lock; u32 pad; u64 v; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct lockv2); __uint(max_entries, 1024); } m_spin SEC(".maps");
BODY(op_spin_lock, struct lockv2 *v = lookup(&m_spin, &key); if (v) { spin_lock(&v->lock); v->v += key; spin_unlock(&v->lock); })
static long cb(u64 i, u64 *a) { *a += i; return 0; }
SEC("xdp") int op_bpf_loop(struct xdp_md *ctx) /* one run = bpf_loop of 64 callbacks */
{
	u64 a = 0;
	loop(OPS, cb, &a, 0);
	return a ? XDP_PASS : 0;
}
#endif
#endif

/* Programs of thousands of instructions: straight code, many branches, long loops, many paths. */
#include "corpus.h"
struct numbers { __u32 n[256]; };
MAP(tables, BPF_MAP_TYPE_ARRAY, __u32, struct numbers, 4);
#define R4(x) x x x x
#define R16(x) R4(R4(x))
#define R64(x) R4(R16(x))
#define R256(x) R4(R64(x))
#define TABLE(name, ...) \
    SEC("xdp") int name(struct xdp_md *ctx) \
    { \
        __u32 key = 0; \
        struct numbers *t = bpf_map_lookup_elem(&tables, &key); \
        if (!t) \
            return XDP_ABORTED; \
        __u64 a = ctx->rx_queue_index, b = 1; \
        __VA_ARGS__ return (a ^ b) & 1 ? XDP_PASS : XDP_DROP; \
    }
#define ROUND a += b << 7; BARRIER(a); b ^= a >> 13; BARRIER(b); a = a * 0x85ebca6b + b; BARRIER(a);
TABLE(straight_1k, R64(ROUND))
TABLE(straight_2k, R64(ROUND) R64(ROUND))
TABLE(straight_4k, R256(ROUND))
TABLE(straight_8k, R256(ROUND) R256(ROUND))
TABLE(straight_16k, R4(R256(ROUND)))
#define TABLE_ROUND a += t->n[b & 255]; BARRIER(a); t->n[a & 255] = b; b = b * 31 + a; BARRIER(b);
TABLE(table_1k, R64(TABLE_ROUND))
TABLE(table_4k, R256(TABLE_ROUND))
TABLE(table_8k, R256(TABLE_ROUND) R256(TABLE_ROUND))
#define BRANCH if (a & 1) { a = a * 3 + 1; BARRIER(a); } else { a >>= 1; BARRIER(a); } b += a; BARRIER(b);
TABLE(branches_16, R16(BRANCH))
TABLE(branches_64, R64(BRANCH))
TABLE(branches_256, R256(BRANCH))
#define COMPARE if (a > b) { a -= b; BARRIER(a); } else { b -= a; BARRIER(b); } a += t->n[b & 255]; BARRIER(a);
TABLE(compares_64, R64(COMPARE))
TABLE(compares_256, R256(COMPARE))
#define LONG_LOOP(count) TABLE(loop_##count, for (int i = 0; i < count; i++) { BARRIER(i); a += t->n[i & 255]; b ^= a; })
LONG_LOOP(100)
LONG_LOOP(1000)
LONG_LOOP(10000)
LONG_LOOP(50000)
#define NESTED(count) TABLE(nested_##count, for (int i = 0; i < count; i++) for (int j = 0; j < count; j++) { BARRIER(j); a += t->n[(i * j) & 255]; b ^= a; })
NESTED(16)
NESTED(64)
NESTED(128)
#define PATHS(count) TABLE(paths_##count, for (int i = 0; i < count; i++) { BARRIER(i); if (t->n[i & 255] & 1) a += i; else b += i; if (t->n[i & 255] & 2) a ^= b; })
PATHS(16)
PATHS(64)
PATHS(256)
TABLE(matrix, for (int i = 0; i < 8; i++) for (int j = 0; j < 8; j++) { BARRIER(j); __u32 s = 0;
      for (int k = 0; k < 8; k++) s += t->n[i * 8 + k] * t->n[64 + k * 8 + j]; t->n[128 + i * 8 + j] = s; })
TABLE(unbounded, for (__u32 i = 0; i != t->n[0]; i++) { a += i; BARRIER(a); })
TABLE(sieve, for (int i = 0; i < 256; i++) t->n[i] = 1; for (int i = 2; i < 16; i++) if (t->n[i]) for (int j = i * i; j < 256; j += i) { BARRIER(j); t->n[j] = 0; })
#define CHECKS(n) \
    SEC("xdp") int checks_##n(struct xdp_md *ctx) \
    { \
        __u8 *p = DATA(ctx), *end = END(ctx); \
        __u32 sum = 0; \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < n; i++) \
        { \
            if (p + i * 3 + 3 > end) \
                return sum & 1; \
            sum = sum * 31 + p[i * 3 + 2]; \
            BARRIER(sum); \
        } \
        return XDP_PASS; \
    }
CHECKS(64)
CHECKS(256)
CHECKS(500)

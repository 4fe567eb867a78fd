/* Work without memory, and on small arrays: hashes, checksums, sorting, bit tricks, histograms. */
#include "corpus.h"
struct numbers { __u32 n[32]; };
MAP(arrays, BPF_MAP_TYPE_ARRAY, __u32, struct numbers, 4);
MAP(histogram, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 64);
#define ROL(x, r) ((x) << (r) | (x) >> (64 - (r)))

#define OVER(name, ...) \
    SEC("xdp") int name(struct xdp_md *ctx) \
    { \
        __u32 key = 0; \
        struct numbers *a = bpf_map_lookup_elem(&arrays, &key); \
        if (!a) \
            return XDP_ABORTED; \
        __u64 result = 0; \
        __VA_ARGS__ return result & 1 ? XDP_PASS : XDP_DROP; \
    }
OVER(sum, for (int i = 0; i < 32; i++) result += a->n[i];)
OVER(sum_too_many, for (int i = 0; i < 33; i++) result += ((volatile __u32 *)a->n)[i];)
OVER(insertion_sort, for (int i = 1; i < 8; i++) { __u32 v = a->n[i]; int j = i - 1;
     for (; j >= 0 && j < 8 && a->n[j] > v; j--) a->n[(j + 1) & 31] = a->n[j]; a->n[(j + 1) & 31] = v; })
OVER(bubble_sort, for (int i = 0; i < 8; i++) for (int j = 0; j < 7; j++) if (a->n[j] > a->n[j + 1]) {
     __u32 t = a->n[j]; a->n[j] = a->n[j + 1]; a->n[j + 1] = t; })
OVER(binary_search, __u32 low = 0, high = 32; for (int i = 0; i < 6; i++) { __u32 mid = (low + high) >> 1;
     if (mid >= 32) break; if (a->n[mid] < 77) low = mid + 1; else high = mid; } result = low;)
OVER(binary_search_unchecked, __u32 low = 0, high = a->n[0]; for (int i = 0; i < 6; i++) { __u32 mid = (low + high) >> 1;
     if (a->n[mid] < 77) low = mid + 1; else high = mid; } result = low;)
OVER(heap, for (int i = 1; i < 16; i++) { __u32 c = i; for (int k = 0; k < 5 && c; k++) { __u32 p = (c - 1) >> 1;
     if (p > 31 || c > 31) break; if (a->n[p] >= a->n[c]) break; __u32 t = a->n[p]; a->n[p] = a->n[c]; a->n[c] = t; c = p; } })
OVER(fibonacci, __u64 x = 0, y = 1; for (int i = 0; i < 90; i++) { __u64 z = x + y; x = y; y = z; } result = x;)
OVER(gcd, __u32 x = a->n[0], y = a->n[1]; for (int i = 0; i < 48 && y; i++) { __u32 t = x % y; x = y; y = t; } result = x;)
OVER(collatz, __u32 x = a->n[0]; for (int i = 0; i < 100 && x != 1; i++) x = x % 2 ? 3 * x + 1 : x / 2; result = x;)
OVER(popcount, __u32 x = a->n[0]; for (int i = 0; i < 32; i++) result += x >> i & 1;)
OVER(log2, __u64 v = a->n[0]; __u32 r, s; r = (v > 0xffff) << 4; v >>= r; s = (v > 0xff) << 3; v >>= s; r |= s;
     s = (v > 0xf) << 2; v >>= s; r |= s; s = (v > 3) << 1; v >>= s; r |= s; r |= v >> 1;
     __u64 *slot = bpf_map_lookup_elem(&histogram, &r); if (slot) *slot += 1;)
OVER(index_by_log, __u32 v = a->n[0], r = 0; for (int i = 0; i < 5; i++) if (v >> (1 << (4 - i))) { r |= 1 << (4 - i); v >>= 1 << (4 - i); } result = a->n[r & 31];)
OVER(index_by_shift, result = a->n[a->n[0] >> 27];)
OVER(index_by_short_shift, result = a->n[a->n[0] >> 26];)
OVER(index_by_modulo, result = a->n[a->n[0] % 32];)
OVER(index_by_long_modulo, result = a->n[a->n[0] % 33];)
OVER(index_by_division, result = a->n[a->n[0] / 0x8000000];)
OVER(index_by_product, result = a->n[(a->n[0] & 3) * (a->n[1] & 7)];)
OVER(index_by_long_product, result = a->n[(a->n[0] & 7) * (a->n[1] & 7)];)
OVER(index_by_sum, result = a->n[(a->n[0] & 15) + (a->n[1] & 15)];)
OVER(index_by_long_sum, result = a->n[(a->n[0] & 31) + (a->n[1] & 15)];)
OVER(index_by_difference, __u32 i = a->n[0] & 31; result = a->n[31 - i];)
OVER(index_by_xor, result = a->n[(a->n[0] & 15) ^ (a->n[1] & 31)];)
OVER(index_by_minimum, __u32 i = a->n[0]; result = a->n[i < 31 ? i : 31];)
OVER(index_by_switch, __u32 i; switch (a->n[0]) { case 1: i = 5; break; case 2: i = 9; break; case 7: i = 31; break; default: i = 0; } result = a->n[i];)
OVER(index_by_long_switch, __u32 i; switch (a->n[0]) { case 1: i = 5; break; case 2: i = 9; break; case 7: i = 32; break; default: i = 0; } BARRIER(i); result = a->n[i];)
OVER(transpose, for (int i = 0; i < 4; i++) for (int j = 0; j < i; j++) { __u32 t = a->n[i * 4 + j]; a->n[i * 4 + j] = a->n[j * 4 + i]; a->n[j * 4 + i] = t; })
OVER(rotate, for (int i = 0; i < 32; i++) result ^= ROL((__u64)a->n[i], 13);)
OVER(siphash, __u64 v0 = 1, v1 = 2, v2 = 3, v3 = 4; for (int i = 0; i < 16; i++) { v3 ^= a->n[i];
     v0 += v1; v1 = ROL(v1, 13) ^ v0; v0 = ROL(v0, 32); v2 += v3; v3 = ROL(v3, 16) ^ v2; v0 += v3; v3 = ROL(v3, 21) ^ v0;
     v2 += v1; v1 = ROL(v1, 17) ^ v2; v2 = ROL(v2, 32); v0 ^= a->n[i]; } result = v0 ^ v1 ^ v2 ^ v3;)
OVER(tea, __u32 y = a->n[0], z = a->n[1], s = 0; for (int i = 0; i < 32; i++) { s += 0x9e3779b9;
     y += (z << 4) + a->n[2] ^ z + s ^ (z >> 5) + a->n[3]; z += (y << 4) + a->n[4] ^ y + s ^ (y >> 5) + a->n[5]; } a->n[0] = y; a->n[1] = z;)
OVER(stack_sum, __u32 copy[32]; for (int i = 0; i < 32; i++) copy[i] = a->n[31 - i]; for (int i = 0; i < 32; i++) result = result * 3 + copy[i];)
OVER(stack_index, __u32 copy[8] = {}; for (int i = 0; i < 8; i++) copy[i] = a->n[i]; result = copy[a->n[9] & 7];)
OVER(stack_far_index, __u32 copy[8] = {}; for (int i = 0; i < 8; i++) copy[i] = a->n[i]; result = ((volatile __u32 *)copy)[a->n[9] & 0xff];)
OVER(big_stack, char big[480] = {}; big[a->n[0] % 480] = 1; result = big[7];)
OVER(too_big_stack, volatile char big[600]; big[0] = a->n[0]; big[599] = 1; result = big[0];)

#define CHECKSUM(n) \
    SEC("xdp") int checksum_##n(struct xdp_md *ctx) \
    { \
        __u16 *at = DATA(ctx), *end = END(ctx); \
        if (at + n > end) \
            return XDP_DROP; \
        __u32 sum = 0; \
        _Pragma("clang loop unroll(disable)") for (int i = 0; i < n; i++) sum += at[i]; \
        sum = (sum & 0xffff) + (sum >> 16); \
        return sum & 1 ? XDP_PASS : XDP_DROP; \
    }
CHECKSUM(10)
CHECKSUM(100)
CHECKSUM(700)

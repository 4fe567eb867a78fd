/* Bounded work on strings in map values, on the stack and in packets. */
#include "corpus.h"
struct text { char bytes[64]; __u32 length; };
MAP(texts, BPF_MAP_TYPE_ARRAY, __u32, struct text, 16);

INLINE struct text *text(__u32 key) { return bpf_map_lookup_elem(&texts, &key); }

#define OVER(name, ...) \
    SEC("raw_tp/sys_enter") int name(void *ctx) \
    { \
        struct text *t = text(0); \
        if (!t) \
            return 0; \
        __u32 result = 0; \
        __VA_ARGS__ return result; \
    }
OVER(length, for (int i = 0; i < 64; i++) { if (!t->bytes[i]) break; result++; })
OVER(length_off_by_one, for (int i = 0; i <= 64; i++) { if (!((volatile char *)t->bytes)[i]) break; result++; }
     result += t[1].length;)
OVER(upper, for (int i = 0; i < 64; i++) { char c = t->bytes[i]; if (c >= 'a' && c <= 'z') t->bytes[i] = c - 32; })
OVER(number, for (int i = 0; i < 10; i++) { __u8 c = t->bytes[i] - '0'; if (c > 9) break; result = result * 10 + c; })
OVER(hash, result = 5381; for (int i = 0; i < 64; i++) result = result * 33 + t->bytes[i];)
OVER(at_length, if (t->length < 64) result = t->bytes[t->length];)
OVER(at_length_unchecked, result = t->bytes[t->length];)
OVER(at_length_masked, result = t->bytes[t->length & 63];)
OVER(at_length_mask_too_wide, result = t->bytes[t->length & 127];)
OVER(at_length_signed, int i = t->length; if (i < 64) result = t->bytes[i];)
OVER(at_length_both, int i = t->length; if (i >= 0 && i < 64) result = t->bytes[i];)
OVER(at_length_after_read, __u32 i = t->length; if (i > 63) return 0; BARRIER(i); result = t->bytes[i];)
OVER(first_differs, struct text *u = text(1); if (!u) return 0;
     for (int i = 0; i < 64; i++) if (t->bytes[i] != u->bytes[i]) { result = i; break; })
OVER(second_unchecked, struct text *u = text(1);
     for (int i = 0; i < 8; i++) result += t->bytes[i] != u->bytes[i];)
OVER(copy, struct text *u = text(1); if (!u) return 0; __builtin_memcpy(u->bytes, t->bytes, 64);)
OVER(copy_helper, __u32 n = t->length; if (n > 64) return 0; bpf_probe_read_kernel(t->bytes, n, (void *)0);)
OVER(copy_helper_long, __u32 n = t->length; if (n > 69) return 0; bpf_probe_read_kernel(t->bytes, n, (void *)0);)
OVER(copy_helper_masked, bpf_probe_read_kernel(t->bytes, t->length & 63, (void *)0);)
OVER(reverse, for (int i = 0; i < 32; i++) { char c = t->bytes[i]; t->bytes[i] = t->bytes[63 - i]; t->bytes[63 - i] = c; })
OVER(hex, for (int i = 0; i < 8; i++) { __u8 c = t->bytes[i]; __u8 d = c <= '9' ? c - '0' : c - 'a' + 10; result = result << 4 | (d & 15); })
OVER(search, for (int i = 0; i < 60; i++)
     if (t->bytes[i] == 'h' && t->bytes[i + 1] == 't' && t->bytes[i + 2] == 't' && t->bytes[i + 3] == 'p') { result = i; break; })
OVER(split, __u32 at = 0; for (int i = 0; i < 64; i++) if (t->bytes[i] == ' ') { at = i; break; }
     at &= 63; if (at < 60) result = t->bytes[at + 3];)
OVER(split_unbounded, __u32 at = 0; for (int i = 0; i < 64; i++) if (t->bytes[i] == ' ') { at = i; break; }
     BARRIER(at); result = t->bytes[at + t->length];)

SEC("raw_tp/sys_enter") int comm(void *ctx)
{
    char name[16] = {};
    bpf_get_current_comm(name, sizeof(name));
    __u32 hash = 0;
    for (int i = 0; i < 16 && name[i]; i++)
        hash = hash * 31 + name[i];
    return hash & 1;
}
SEC("raw_tp/sys_enter") int comm_too_long(void *ctx)
{
    char name[16] = {};
    bpf_get_current_comm(name, 32 + 512);
    return name[0];
}
SEC("raw_tp/sys_enter") int stack_index(void *ctx)
{
    char name[16] = {};
    bpf_get_current_comm(name, sizeof(name));
    __u32 i = bpf_get_prandom_u32() & 15;
    return name[i];
}
SEC("raw_tp/sys_enter") int stack_index_wide(void *ctx)
{
    char name[16] = {};
    bpf_get_current_comm(name, sizeof(name));
    __u32 i = bpf_get_prandom_u32() & 31;
    return ((volatile char *)name)[i + 480];
}

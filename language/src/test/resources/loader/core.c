// Every kind of CO-RE relocation, against types that the target (core_target.c) has changed.
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define PAI __attribute__((preserve_access_index))

enum color { RED, GREEN = 7, BLUE, COLOR_GONE };
enum big { BIG_A = 0x100000000ULL, BIG_B = 0x200000005ULL };

struct inner {
    int a;
    int values[4];
} PAI;

struct outer {
    int first;
    long moved;
    struct {
        int anon;
        union {
            int u1;
            long u2;
        };
    };
    struct inner in;
    struct inner arr[3];
    unsigned int grows;
    unsigned long shrinks;
    int signed_grows;
    void *pointer;
    unsigned char flag : 1, three : 3;
    int signed_bits : 5;
    unsigned long wide_bits : 40;
    enum color color;
    int gone;
    char tail[];
} PAI;

struct outer___flavor {
    int renamed;
} PAI;

struct absent {
    int x;
} PAI;

struct same {
    int a;
    struct inner *pointer;
    enum color *color;
    int (*call)(struct inner *, long);
} PAI;

typedef struct outer outer_t;
struct fwd_only;

long out[64];

SEC("raw_tracepoint")
int offsets(struct outer *o) {
    out[0] = (long)&o->moved - (long)o;
    out[1] = (long)&o->anon - (long)o;
    out[2] = (long)&o->u2 - (long)o;
    out[3] = (long)&o->in.values[2] - (long)o;
    out[4] = (long)&o->arr[1].values[3] - (long)o;
    out[5] = (long)&o[1].first - (long)o;
    out[6] = (long)&o->tail[3] - (long)o;
    out[7] = (long)&((struct outer___flavor *)o)->renamed - (long)o;
    return 0;
}

SEC("raw_tracepoint")
int exists(struct outer *o) {
    out[0] = bpf_core_field_exists(o->moved);
    out[1] = bpf_core_field_exists(o->gone);
    out[2] = bpf_core_field_exists(o->u1);
    out[3] = bpf_core_type_exists(struct outer);
    out[4] = bpf_core_type_exists(struct absent);
    out[5] = bpf_core_type_exists(outer_t);
    out[6] = bpf_core_enum_value_exists(enum color, GREEN);
    out[7] = bpf_core_enum_value_exists(enum color, COLOR_GONE);
    out[8] = bpf_core_type_exists(struct fwd_only);
    out[9] = bpf_core_type_matches(struct inner);
    out[10] = bpf_core_type_matches(struct outer);
    out[11] = bpf_core_type_matches(enum color);
    out[12] = bpf_core_type_matches(struct same);
    return 0;
}

SEC("raw_tracepoint")
int sizes(struct outer *o) {
    out[0] = bpf_core_field_size(o->arr);
    out[1] = bpf_core_field_size(o->grows);
    out[2] = bpf_core_field_size(o->arr[1]);
    out[3] = bpf_core_type_size(struct outer);
    out[4] = bpf_core_type_size(struct absent);
    out[5] = bpf_core_field_size(o->three);
    return 0;
}

SEC("raw_tracepoint")
int values(struct outer *o) {
    out[0] = bpf_core_enum_value(enum color, GREEN);
    out[1] = bpf_core_enum_value(enum color, BLUE);
    out[2] = bpf_core_enum_value(enum big, BIG_A);
    out[3] = bpf_core_enum_value(enum big, BIG_B);
    out[4] = bpf_core_type_id_local(struct outer);
    out[5] = bpf_core_type_id_kernel(struct outer);
    out[6] = bpf_core_type_id_kernel(struct absent);
    return 0;
}

SEC("raw_tracepoint")
int bits(struct outer *o) {
    out[0] = BPF_CORE_READ_BITFIELD_PROBED(o, flag);
    out[1] = BPF_CORE_READ_BITFIELD_PROBED(o, three);
    out[2] = BPF_CORE_READ_BITFIELD_PROBED(o, signed_bits);
    out[3] = BPF_CORE_READ_BITFIELD_PROBED(o, wide_bits);
    return 0;
}

SEC("?raw_tracepoint")
int loads(struct outer *o) {
    out[0] = o->grows;
    out[1] = o->shrinks;
    out[2] = (long)o->pointer;
    o->grows = 5;
    o->in.a = o->arr[2].a;
    return 0;
}

SEC("?raw_tracepoint")
int poison(struct outer *o) {
    out[0] = o->gone;
    out[1] = o->signed_grows;
    out[2] = bpf_core_enum_value(enum color, COLOR_GONE);
    out[3] = ((struct absent *)o)->x;
    return 0;
}

char LICENSE[] SEC("license") = "GPL";

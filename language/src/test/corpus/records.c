/* Ring buffers, dynptrs, spin locks, timers: what was taken must be given back. */
#include "corpus.h"
struct event { __u32 pid, cpu; __u64 time; char comm[16]; __u8 data[64]; };
struct locked { struct bpf_spin_lock lock; __u32 tokens; __u64 last; };
struct timed { struct bpf_timer timer; __u64 fired; };
RING(ring, 65536);
MAP(locks, BPF_MAP_TYPE_HASH, __u32, struct locked, 16);
MAP(timers, BPF_MAP_TYPE_ARRAY, __u32, struct timed, 4);

#define RECORD(name, ...) SEC("tp/sched/sched_switch") int name(void *ctx) { struct event *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0); __VA_ARGS__ return 0; }
RECORD(submit, if (!e) return 0; e->pid = bpf_get_current_pid_tgid() >> 32; bpf_get_current_comm(e->comm, 16); bpf_ringbuf_submit(e, 0);)
RECORD(unchecked, e->pid = 1; bpf_ringbuf_submit(e, 0);)
RECORD(forgotten, if (e) e->pid = 1;)
RECORD(discard, if (!e) return 0; e->time = bpf_ktime_get_ns(); if (e->time & 1) { bpf_ringbuf_discard(e, 0); return 0; } bpf_ringbuf_submit(e, 0);)
RECORD(lost_on_one_way, if (!e) return 0; e->time = bpf_ktime_get_ns(); if (e->time & 1) return 0; bpf_ringbuf_submit(e, 0);)
RECORD(twice, if (!e) return 0; bpf_ringbuf_submit(e, 0); bpf_ringbuf_submit(e, 0);)
RECORD(used_after, if (!e) return 0; bpf_ringbuf_submit(e, 0); e->pid = 7;)
RECORD(beyond, if (!e) return 0; ((volatile __u8 *)e)[sizeof(*e)] = 1; bpf_ringbuf_submit(e, 0);)
RECORD(last_byte, if (!e) return 0; ((volatile __u8 *)e)[sizeof(*e) - 1] = 1; bpf_ringbuf_submit(e, 0);)
RECORD(inner_pointer, if (!e) return 0; bpf_ringbuf_submit(e->comm, 0);)
RECORD(filled, if (!e) return 0; for (int i = 0; i < 64; i++) e->data[i] = i; bpf_ringbuf_submit(e, 0);)
RECORD(overfilled, if (!e) return 0; for (int i = 0; i < 66; i++) ((volatile __u8 *)e->data)[i] = i; bpf_ringbuf_submit(e, 0);)
RECORD(indexed, if (!e) return 0; e->data[bpf_get_prandom_u32() & 63] = 1; bpf_ringbuf_submit(e, 0);)
RECORD(indexed_wide, if (!e) return 0; e->data[bpf_get_prandom_u32() & 127] = 1; bpf_ringbuf_submit(e, 0);)
SEC("tp/sched/sched_switch") int output(void *ctx) { struct event e = {}; e.pid = 7; bpf_ringbuf_output(&ring, &e, sizeof(e), 0); return 0; }
SEC("tp/sched/sched_switch") int output_long(void *ctx) { struct event e = {}; e.pid = 7; bpf_ringbuf_output(&ring, &e, 512 + sizeof(e), 0); return 0; }
SEC("tp/sched/sched_switch") int reserve_variable(void *ctx) { __u64 n = bpf_get_prandom_u32() & 63; char *e = bpf_ringbuf_reserve(&ring, n, 0); if (e) bpf_ringbuf_submit(e, 0); return 0; }

#define LOCKED(name, ...) SEC("tc") int name(struct __sk_buff *ctx) { __u32 key = ctx->ifindex; struct locked *l = bpf_map_lookup_elem(&locks, &key); if (!l) return TC_ACT_OK; int verdict = TC_ACT_OK; __VA_ARGS__ return verdict; }
LOCKED(bucket, __u64 now = bpf_ktime_get_ns(); bpf_spin_lock(&l->lock); l->tokens += (now - l->last) >> 20; if (l->tokens > 100) l->tokens = 100; l->last = now;
       if (l->tokens) l->tokens--; else verdict = TC_ACT_SHOT; bpf_spin_unlock(&l->lock);)
LOCKED(never_unlocked, bpf_spin_lock(&l->lock); l->tokens++;)
LOCKED(unlocked_on_one_way, bpf_spin_lock(&l->lock); if (l->tokens++ > 10) return TC_ACT_SHOT; bpf_spin_unlock(&l->lock);)
LOCKED(helper_inside, bpf_spin_lock(&l->lock); l->last = bpf_ktime_get_ns(); bpf_spin_unlock(&l->lock);)
LOCKED(locked_twice, bpf_spin_lock(&l->lock); bpf_spin_lock(&l->lock); bpf_spin_unlock(&l->lock); bpf_spin_unlock(&l->lock);)
LOCKED(other_unlocked, __u32 k = 0; struct locked *m = bpf_map_lookup_elem(&locks, &k); if (!m) return 0; bpf_spin_lock(&l->lock); bpf_spin_unlock(&m->lock);)
LOCKED(lock_read, verdict = *(volatile __u32 *)&l->lock & 1;)
LOCKED(lock_overwritten, struct locked fresh = {.tokens = 5}; bpf_map_update_elem(&locks, &key, &fresh, BPF_ANY);)
LOCKED(two_sections, bpf_spin_lock(&l->lock); l->tokens++; bpf_spin_unlock(&l->lock); bpf_spin_lock(&l->lock); l->last++; bpf_spin_unlock(&l->lock);)

static int fired(void *map, __u32 *key, struct timed *t) { t->fired++; bpf_timer_start(&t->timer, 1000000, 0); return 0; }
static int fired_one(void *map, __u32 *key, struct timed *t) { return 1; }
#define TIMED(name, ...) SEC("tc") int name(struct __sk_buff *ctx) { __u32 key = 0; struct timed *t = bpf_map_lookup_elem(&timers, &key); if (!t) return 0; __VA_ARGS__ return 0; }
TIMED(timer, bpf_timer_init(&t->timer, &timers, 1); bpf_timer_set_callback(&t->timer, fired); bpf_timer_start(&t->timer, 1000, 0);)
TIMED(timer_returns_one, bpf_timer_init(&t->timer, &timers, 1); bpf_timer_set_callback(&t->timer, fired_one); bpf_timer_start(&t->timer, 1000, 0);)
TIMED(timer_other_map, bpf_timer_init(&t->timer, &locks, 1);)
TIMED(timer_other_field, bpf_timer_init((struct bpf_timer *)&t->fired, &timers, 1);)

SEC("tc") int dynptr(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    __u64 value = 7;
    bpf_ringbuf_reserve_dynptr(&ring, ctx->len & 0xff, 0, &p);
    bpf_dynptr_write(&p, 0, &value, sizeof(value), 0);
    bpf_ringbuf_submit_dynptr(&p, 0);
    return 0;
}
SEC("tc") int dynptr_forgotten(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &p);
    return 0;
}
SEC("tc") int dynptr_early_return(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    if (bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &p))
        return 0;
    bpf_ringbuf_submit_dynptr(&p, 0);
    return 0;
}
SEC("tc") int dynptr_data(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &p);
    struct event *e = bpf_dynptr_data(&p, 0, sizeof(*e));
    if (e)
        e->pid = 1;
    bpf_ringbuf_discard_dynptr(&p, 0);
    return 0;
}
SEC("tc") int dynptr_data_beyond(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &p);
    struct event *e = bpf_dynptr_data(&p, 0, 8);
    if (e)
        e->time = 1;
    bpf_ringbuf_discard_dynptr(&p, 0);
    return 0;
}
SEC("tc") int dynptr_data_after(struct __sk_buff *ctx)
{
    struct bpf_dynptr p;
    bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &p);
    __u32 *e = bpf_dynptr_data(&p, 0, 8);
    bpf_ringbuf_discard_dynptr(&p, 0);
    if (e)
        *e = 1;
    return 0;
}
SEC("tc") int dynptr_memory(struct __sk_buff *ctx)
{
    __u32 key = 0, value;
    struct timed *t = bpf_map_lookup_elem(&timers, &key);
    struct bpf_dynptr p;
    if (!t)
        return 0;
    bpf_dynptr_from_mem(&t->fired, sizeof(t->fired), 0, &p);
    bpf_dynptr_read(&value, sizeof(value), &p, 4, 0);
    return value & 1;
}

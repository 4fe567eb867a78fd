/* Kernel functions: open-coded iterators, dynptrs of packets, tasks; and tracing programs with CO-RE. */
#include "corpus.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid, tgid; struct task_struct *real_parent; char comm[16]; struct mm_struct *mm; };
struct mm_struct { unsigned long total_vm; };
struct trace_event_raw_sys_enter_x { long id; };
struct sk_buff_x { unsigned int len; };
#pragma clang attribute pop
struct bpf_iter_num { __u64 opaque[1]; } __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
struct values { __u32 n[32]; };
MAP(table, BPF_MAP_TYPE_ARRAY, __u32, struct values, 1);
struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __uint(max_entries, 16); __uint(key_size, 4); __uint(value_size, 1016); } stacks SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");
MAP(started, BPF_MAP_TYPE_HASH, __u32, __u64, 1024);
__u64 sum;
struct pt_regs_x { unsigned long r[21]; };
#define EACH(i, from, to) for (struct bpf_iter_num it_##i __attribute__((cleanup(bpf_iter_num_destroy))), *p_##i = (bpf_iter_num_new(&it_##i, from, to), (void *)0); \
        ({ int *v_##i = bpf_iter_num_next(&it_##i); v_##i ? (i = *v_##i, 1) : 0; });)
#define PROGRAM(name, ...) SEC("tc") int name(struct __sk_buff *ctx) { __u32 key = 0; int i = 0; struct values *v = bpf_map_lookup_elem(&table, &key); if (!v) return 0; __VA_ARGS__ return 0; }
PROGRAM(iterate, EACH(i, 0, 10) sum += i;)
PROGRAM(iterate_index, EACH(i, 0, 32) { __u32 k = i; if (k >= 32) break; sum += v->n[k]; })
PROGRAM(iterate_index_unchecked, EACH(i, 0, 32) sum += v->n[i];)
PROGRAM(iterate_variable, EACH(i, 0, ctx->len) { sum += i; if (sum > 1000) break; })
PROGRAM(iterate_nested, int j = 0; EACH(i, 0, 8) EACH(j, 0, 8) sum += i * j;)
PROGRAM(iterate_counter, __u32 n = 0; EACH(i, 0, 1000) n++; sum += n;)
PROGRAM(iterate_write, EACH(i, 0, 32) v->n[i & 31] = i;)
SEC("tc") int iterate_forgotten(struct __sk_buff *ctx) { struct bpf_iter_num it; bpf_iter_num_new(&it, 0, 5); return bpf_iter_num_next(&it) ? 1 : 0; }
SEC("tc") int iterate_not_begun(struct __sk_buff *ctx) { struct bpf_iter_num it = {}; int *x = bpf_iter_num_next(&it); bpf_iter_num_destroy(&it); return x ? *x & 1 : 0; }
SEC("tc") int iterate_unchecked(struct __sk_buff *ctx) { struct bpf_iter_num it; bpf_iter_num_new(&it, 0, 5); sum += *bpf_iter_num_next(&it); bpf_iter_num_destroy(&it); return 0; }

SEC("raw_tp/sys_enter") int core_pid(void *ctx) { struct task_struct *t = (void *)bpf_get_current_task(); sum += BPF_CORE_READ(t, real_parent, tgid); return 0; }
SEC("raw_tp/sys_enter") int core_deep(void *ctx) { struct task_struct *t = (void *)bpf_get_current_task(); sum += BPF_CORE_READ(t, real_parent, real_parent, mm, total_vm); return 0; }
SEC("raw_tp/sys_enter") int core_comm(void *ctx) { struct task_struct *t = (void *)bpf_get_current_task(); char comm[16]; BPF_CORE_READ_STR_INTO(&comm, t, comm); sum += comm[0]; return 0; }
SEC("raw_tp/sys_enter") int core_direct(void *ctx) { struct task_struct *t = (void *)bpf_get_current_task(); sum += t->pid; return 0; }
SEC("raw_tp/sys_enter") int core_exists(void *ctx) { struct task_struct *t = (void *)bpf_get_current_task(); if (bpf_core_field_exists(t->mm)) sum += bpf_core_field_size(t->comm); return 0; }
SEC("tp_btf/sched_switch") int btf_direct(__u64 *ctx) { struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2]; sum += prev->pid + next->tgid; return 0; }
SEC("tp_btf/sched_switch") int btf_parent(__u64 *ctx) { struct task_struct *next = (void *)ctx[2]; sum += next->real_parent->pid; return 0; }
SEC("tp_btf/sched_switch") int btf_mm(__u64 *ctx) { struct task_struct *next = (void *)ctx[2]; struct mm_struct *mm = next->mm; if (mm) sum += mm->total_vm; return 0; }
SEC("tp_btf/sched_switch") int btf_write(__u64 *ctx) { struct task_struct *next = (void *)ctx[2]; next->pid = 7; return 0; }
SEC("tp_btf/sched_switch") int btf_no_argument(__u64 *ctx) { sum += ctx[4]; return 0; }
SEC("tp_btf/sched_switch") int btf_scalar(__u64 *ctx) { sum += ctx[0]; return 0; }
SEC("tp_btf/sched_switch") int btf_comm(__u64 *ctx) { struct task_struct *next = (void *)ctx[2]; sum += next->comm[3]; return 0; }
SEC("raw_tp/sched_switch") int latency(__u64 *ctx)
{
    __u32 pid = bpf_get_current_pid_tgid();
    __u64 now = bpf_ktime_get_ns(), *then = bpf_map_lookup_elem(&started, &pid);
    if (then && now > *then)
        sum += now - *then;
    bpf_map_update_elem(&started, &pid, &now, BPF_ANY);
    return 0;
}
SEC("kprobe/do_nanosleep") int kprobe_stack(void *ctx) { int id = bpf_get_stackid(ctx, &stacks, 0); sum += id; return 0; }
SEC("kprobe/do_nanosleep") int kprobe_event(void *ctx) { struct { __u64 time; __u32 cpu, pad; } e = {bpf_ktime_get_ns(), bpf_get_smp_processor_id(), 0}; bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e)); return 0; }
SEC("kprobe/do_nanosleep") int kprobe_event_garbage(void *ctx) { struct { __u64 time; __u32 cpu, pad; } e; e.time = 1; bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e)); return 0; }
SEC("kprobe/do_nanosleep") int kprobe_registers(struct pt_regs_x *ctx) { sum += ctx->r[14]; return 0; }
SEC("kprobe/do_nanosleep") int kprobe_registers_far(struct pt_regs_x *ctx) { sum += *(volatile unsigned long *)((char *)ctx + 168); return 0; }
SEC("kprobe/do_nanosleep") int kprobe_read(struct pt_regs_x *ctx) { __u64 v = 0; bpf_probe_read_kernel(&v, 8, (void *)ctx->r[14]); sum += v; return 0; }
SEC("kprobe/do_nanosleep") int kprobe_dereference(struct pt_regs_x *ctx) { sum += *(__u64 *)ctx->r[14]; return 0; }
SEC("tp/syscalls/sys_enter_openat") int tracepoint_path(void *ctx) { char path[128]; long n = bpf_probe_read_user_str(path, sizeof(path), *(void **)(ctx + 24)); if (n > 0 && n < 128) sum += path[n & 127]; return 0; }
SEC("tp/syscalls/sys_enter_openat") int tracepoint_path_unchecked(void *ctx) { char path[64]; long n = bpf_probe_read_user_str(path, sizeof(path), *(void **)(ctx + 24)); sum += ((volatile char *)path)[n]; return 0; }
SEC("perf_event") int sample(struct { __u64 regs[21]; __u64 period, address; } *ctx) { sum += ctx->period; return 0; }
extern const void schedule __ksym __weak;
SEC("tp/syscalls/sys_enter_openat") int symbol_is_there(void *ctx) { return &schedule ? 0 : *(volatile int *)8; }

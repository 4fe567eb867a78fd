// CO-RE against the running kernel: fields at other offsets, bit-fields, flavors, what old kernels had.
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define PAI __attribute__((preserve_access_index))

struct mm_struct {
    unsigned long start_code;
} PAI;

struct signal_struct {
    int nr_threads;
} PAI;

struct task_struct {
    int pid;
    int tgid;
    char comm[16];
    struct task_struct *real_parent;
    struct mm_struct *mm;
    struct signal_struct *signal;
    unsigned in_execve : 1;
    unsigned char gone_forever;
} PAI;

struct task_struct___old {
    long state;
} PAI;

struct task_struct___new {
    unsigned int __state;
} PAI;

struct sk_buff {
    unsigned int len;
    unsigned char pkt_type : 3;
    unsigned char cloned : 1;
} PAI;

enum bpf_map_type___local { BPF_MAP_TYPE_ARENA___local = 1, BPF_MAP_TYPE_NEVER = 2 };
struct never_was {
    int x;
};

long out[32];

SEC("raw_tp/sched_switch")
int fields(void *ctx) {
    struct task_struct *task = (void *)bpf_get_current_task();
    char comm[16];

    out[0] = BPF_CORE_READ(task, pid);
    out[1] = BPF_CORE_READ(task, real_parent, tgid);
    out[2] = BPF_CORE_READ(task, mm, start_code);
    out[3] = BPF_CORE_READ(task, signal, nr_threads);
    out[4] = BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);
    bpf_core_read(&comm, sizeof(comm), &task->comm);
    out[5] = comm[0];
    if (bpf_core_field_exists(((struct task_struct___old *)task)->state))
        out[6] = BPF_CORE_READ((struct task_struct___old *)task, state);
    else
        out[6] = BPF_CORE_READ((struct task_struct___new *)task, __state);
    if (bpf_core_field_exists(task->gone_forever))
        out[7] = BPF_CORE_READ(task, gone_forever);
    return 0;
}

SEC("tp_btf/kfree_skb")
int typed(unsigned long long *ctx) {
    struct sk_buff *skb = (void *)ctx[0];

    out[8] = skb->len;
    out[9] = BPF_CORE_READ_BITFIELD(skb, pkt_type);
    out[10] = BPF_CORE_READ_BITFIELD(skb, cloned);
    return 0;
}

SEC("raw_tp/sched_switch")
int types(void *ctx) {
    out[11] = bpf_core_type_exists(struct task_struct);
    out[12] = bpf_core_type_exists(struct never_was);
    out[13] = bpf_core_type_size(struct task_struct);
    out[14] = bpf_core_enum_value_exists(enum bpf_map_type___local, BPF_MAP_TYPE_ARENA___local);
    out[15] = bpf_core_enum_value_exists(enum bpf_map_type___local, BPF_MAP_TYPE_NEVER);
    out[16] = bpf_core_enum_value(enum bpf_map_type___local, BPF_MAP_TYPE_ARENA___local);
    out[17] = bpf_core_type_id_kernel(struct task_struct);
    out[18] = bpf_core_field_size(((struct task_struct *)0)->comm);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";

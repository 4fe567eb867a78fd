// Kernel configuration and kernel symbols, strong and weak.
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF __kconfig;
extern unsigned int CONFIG_HZ __kconfig;
extern enum libbpf_tristate CONFIG_IPV6 __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[12] __kconfig;
extern unsigned long CONFIG_ABSENT __kconfig __weak;
extern char CONFIG_LETTER __kconfig __weak;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;

struct task_struct;
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern void bpf_no_such_kfunc(void) __ksym __weak;
extern void bpf_rcu_read_lock___flavor(void) __ksym __weak;
extern const int runqueues_gone __ksym __weak;
extern const void untyped_gone __ksym __weak;
extern const int strong_gone __ksym;

long out[16];

SEC("raw_tp")
int config(void *ctx) {
    out[0] = LINUX_KERNEL_VERSION;
    out[1] = CONFIG_BPF;
    out[2] = CONFIG_HZ;
    out[3] = CONFIG_IPV6;
    out[4] = CONFIG_DEFAULT_HOSTNAME[1];
    out[5] = CONFIG_ABSENT;
    out[6] = CONFIG_LETTER;
    out[7] = LINUX_HAS_BPF_COOKIE;
    return 0;
}

SEC("?tp_btf/task_newtask")
int symbols(void *ctx) {
    if (bpf_no_such_kfunc)
        bpf_no_such_kfunc();
    if (bpf_rcu_read_lock___flavor)
        bpf_rcu_read_lock___flavor();
    out[0] = (long)&runqueues_gone;
    out[1] = (long)&untyped_gone;
    out[2] = strong_gone;
    bpf_task_release(bpf_task_acquire(0));
    return 0;
}

char LICENSE[] SEC("license") = "GPL";

// Section names: exact ones, ones with a target, sleepable, not loaded by default, unknown.
#define SEC(name) __attribute__((section(name), used))
#define PROGRAM(name, section) SEC(section) int name(void *ctx) { return 0; }

PROGRAM(in_xdp_frags, "xdp.frags")
PROGRAM(in_devmap, "xdp.frags/devmap")
PROGRAM(in_ingress, "tcx/ingress")
PROGRAM(in_kprobe, "kprobe/do_sys_open+4")
PROGRAM(in_plain_kprobe, "kprobe")
PROGRAM(in_uprobe, "uprobe.s//bin/bash:readline")
PROGRAM(in_tracepoint, "tp/sched/sched_switch")
PROGRAM(in_fentry, "?fentry.s/vfs_read")
PROGRAM(in_connect4, "cgroup/connect4")
PROGRAM(in_unknown, "kprobes/x")
PROGRAM(in_seventh, "tail-7")

char LICENSE[] SEC("license") = "GPL";

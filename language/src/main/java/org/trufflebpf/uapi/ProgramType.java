package org.trufflebpf.uapi;

/**
 * Program types, {@code enum bpf_prog_type} of {@code linux/bpf.h} (kernel 6.18), one row each, in
 * the order of its numbers. {@code label} is libbpf's and bpftool's name; {@code ctx} the C type of
 * the context.
 */
public enum ProgramType {
    UNSPEC("unspec", "void", Verdicts.NONE),
    SOCKET_FILTER("socket_filter", "struct __sk_buff", Verdicts.NONE),
    KPROBE("kprobe", "struct pt_regs", Verdicts.NONE),
    SCHED_CLS("sched_cls", "struct __sk_buff", Verdicts.TC),
    SCHED_ACT("sched_act", "struct __sk_buff", Verdicts.TC),
    TRACEPOINT("tracepoint", "void", Verdicts.NONE),
    XDP("xdp", "struct xdp_md", Verdicts.XDP),
    PERF_EVENT("perf_event", "struct bpf_perf_event_data", Verdicts.NONE),
    CGROUP_SKB("cgroup_skb", "struct __sk_buff", Verdicts.CGROUP),
    CGROUP_SOCK("cgroup_sock", "struct bpf_sock", Verdicts.CGROUP),
    LWT_IN("lwt_in", "struct __sk_buff", Verdicts.LWT),
    LWT_OUT("lwt_out", "struct __sk_buff", Verdicts.LWT),
    LWT_XMIT("lwt_xmit", "struct __sk_buff", Verdicts.LWT),
    SOCK_OPS("sock_ops", "struct bpf_sock_ops", Verdicts.NONE),
    SK_SKB("sk_skb", "struct __sk_buff", Verdicts.SK),
    CGROUP_DEVICE("cgroup_device", "struct bpf_cgroup_dev_ctx", Verdicts.CGROUP),
    SK_MSG("sk_msg", "struct sk_msg_md", Verdicts.SK),
    RAW_TRACEPOINT("raw_tracepoint", "struct bpf_raw_tracepoint_args", Verdicts.NONE),
    CGROUP_SOCK_ADDR("cgroup_sock_addr", "struct bpf_sock_addr", Verdicts.CGROUP),
    LWT_SEG6LOCAL("lwt_seg6local", "struct __sk_buff", Verdicts.LWT),
    LIRC_MODE2("lirc_mode2", "__u32", Verdicts.NONE),
    SK_REUSEPORT("sk_reuseport", "struct sk_reuseport_md", Verdicts.SK),
    FLOW_DISSECTOR("flow_dissector", "struct __sk_buff", Verdicts.FLOW),
    CGROUP_SYSCTL("cgroup_sysctl", "struct bpf_sysctl", Verdicts.CGROUP),
    RAW_TRACEPOINT_WRITABLE(
            "raw_tracepoint_writable", "struct bpf_raw_tracepoint_args", Verdicts.NONE),
    CGROUP_SOCKOPT("cgroup_sockopt", "struct bpf_sockopt", Verdicts.CGROUP),
    TRACING("tracing", "u64 arguments", Verdicts.NONE),
    STRUCT_OPS("struct_ops", "u64 arguments", Verdicts.NONE),
    EXT("ext", "as the function it replaces", Verdicts.NONE),
    LSM("lsm", "u64 arguments", Verdicts.NONE),
    SK_LOOKUP("sk_lookup", "struct bpf_sk_lookup", Verdicts.SK),
    SYSCALL("syscall", "struct of the caller", Verdicts.NONE),
    NETFILTER("netfilter", "struct bpf_nf_ctx", Verdicts.NETFILTER);

    private static final ProgramType[] ROWS = values();
    private final String label;
    private final String contextType;
    private final String[] verdicts;

    ProgramType(String label, String contextType, String[] verdicts) {
        this.label = label;
        this.contextType = contextType;
        this.verdicts = verdicts;
    }

    /** The kernel's number. */
    public int number() {
        return ordinal();
    }

    public String label() {
        return label;
    }

    /** The C type of what r1 points to. */
    public String contextType() {
        return contextType;
    }

    /** The name of a return value, such as {@code XDP_PASS}, or {@code null} where it has none. */
    public String verdict(int retval) {
        // TC's table starts at -1 (TC_ACT_UNSPEC)
        int index = this == SCHED_CLS || this == SCHED_ACT ? retval + 1 : retval;
        return index >= 0 && index < verdicts.length ? verdicts[index] : null;
    }

    /** The row of a name as libbpf and bpftool spell it, or {@code null}. */
    public static ProgramType byLabel(String label) {
        for (ProgramType row : ROWS) {
            if (row.label.equals(label)) {
                return row;
            }
        }
        return null;
    }

    private static final class Verdicts {
        static final String[] NONE = {};
        static final String[] XDP = {
            "XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"
        };
        static final String[] TC = {
            "TC_ACT_UNSPEC",
            "TC_ACT_OK",
            "TC_ACT_RECLASSIFY",
            "TC_ACT_SHOT",
            "TC_ACT_PIPE",
            "TC_ACT_STOLEN",
            "TC_ACT_QUEUED",
            "TC_ACT_REPEAT",
            "TC_ACT_REDIRECT",
            "TC_ACT_TRAP"
        };
        static final String[] CGROUP = {"DENY", "ALLOW"};
        static final String[] LWT = {
            "BPF_OK", null, "BPF_DROP", null, null, null, null, "BPF_REDIRECT"
        };
        static final String[] SK = {"SK_DROP", "SK_PASS"};
        static final String[] FLOW = {"BPF_OK", null, "BPF_DROP"};
        static final String[] NETFILTER = {"NF_DROP", "NF_ACCEPT"};
    }
}

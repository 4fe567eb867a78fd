package org.trufflebpf.object;

import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.util.List;

/**
 * What the name of a section says about its programs: libbpf's table of {@code SEC()} names, one
 * row each, in its order, because the first row that fits decides.
 */
public final class SectionTable {
    /**
     * One row.
     *
     * @param name the section's name up to a slash
     * @param attachType the expected attach type, or {@code null} where the kernel is told none
     * @param flags bits of {@link #TARGET}, {@link #SLEEPABLE}, {@link #FRAGMENTS}
     */
    public record Row(String name, ProgramType type, AttachType attachType, int flags) {
        /** The name may go on with a slash and what to attach to. */
        static final int TARGET = 1;

        static final int SLEEPABLE = 2;
        static final int FRAGMENTS = 4;

        public boolean takesTarget() {
            return (flags & TARGET) != 0;
        }

        public boolean sleepable() {
            return (flags & SLEEPABLE) != 0;
        }

        public boolean fragments() {
            return (flags & FRAGMENTS) != 0;
        }

        boolean matches(String section) {
            return section.equals(name)
                    || (takesTarget()
                            && section.startsWith(name)
                            && section.charAt(name.length()) == '/');
        }
    }

    private static final List<Row> ROWS =
            List.of(
                    row("socket", ProgramType.SOCKET_FILTER, null, 0),
                    row(
                            "sk_reuseport/migrate",
                            ProgramType.SK_REUSEPORT,
                            AttachType.SK_REUSEPORT_SELECT_OR_MIGRATE,
                            0),
                    row(
                            "sk_reuseport",
                            ProgramType.SK_REUSEPORT,
                            AttachType.SK_REUSEPORT_SELECT,
                            0),
                    row("kprobe", ProgramType.KPROBE, null, Row.TARGET),
                    row("uprobe", ProgramType.KPROBE, null, Row.TARGET),
                    row("uprobe.s", ProgramType.KPROBE, null, Row.TARGET | Row.SLEEPABLE),
                    row("kretprobe", ProgramType.KPROBE, null, Row.TARGET),
                    row("uretprobe", ProgramType.KPROBE, null, Row.TARGET),
                    row("uretprobe.s", ProgramType.KPROBE, null, Row.TARGET | Row.SLEEPABLE),
                    row(
                            "kprobe.multi",
                            ProgramType.KPROBE,
                            AttachType.TRACE_KPROBE_MULTI,
                            Row.TARGET),
                    row(
                            "kretprobe.multi",
                            ProgramType.KPROBE,
                            AttachType.TRACE_KPROBE_MULTI,
                            Row.TARGET),
                    row(
                            "kprobe.session",
                            ProgramType.KPROBE,
                            AttachType.TRACE_KPROBE_SESSION,
                            Row.TARGET),
                    row(
                            "uprobe.multi",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_MULTI,
                            Row.TARGET),
                    row(
                            "uretprobe.multi",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_MULTI,
                            Row.TARGET),
                    row(
                            "uprobe.session",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_SESSION,
                            Row.TARGET),
                    row(
                            "uprobe.multi.s",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_MULTI,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "uretprobe.multi.s",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_MULTI,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "uprobe.session.s",
                            ProgramType.KPROBE,
                            AttachType.TRACE_UPROBE_SESSION,
                            Row.TARGET | Row.SLEEPABLE),
                    row("ksyscall", ProgramType.KPROBE, null, Row.TARGET),
                    row("kretsyscall", ProgramType.KPROBE, null, Row.TARGET),
                    row("usdt", ProgramType.KPROBE, null, Row.TARGET),
                    row("usdt.s", ProgramType.KPROBE, null, Row.TARGET | Row.SLEEPABLE),
                    row("tc/ingress", ProgramType.SCHED_CLS, AttachType.TCX_INGRESS, 0),
                    row("tc/egress", ProgramType.SCHED_CLS, AttachType.TCX_EGRESS, 0),
                    row("tcx/ingress", ProgramType.SCHED_CLS, AttachType.TCX_INGRESS, 0),
                    row("tcx/egress", ProgramType.SCHED_CLS, AttachType.TCX_EGRESS, 0),
                    row("tc", ProgramType.SCHED_CLS, null, 0),
                    row("classifier", ProgramType.SCHED_CLS, null, 0),
                    row("action", ProgramType.SCHED_ACT, null, 0),
                    row("netkit/primary", ProgramType.SCHED_CLS, AttachType.NETKIT_PRIMARY, 0),
                    row("netkit/peer", ProgramType.SCHED_CLS, AttachType.NETKIT_PEER, 0),
                    row("tracepoint", ProgramType.TRACEPOINT, null, Row.TARGET),
                    row("tp", ProgramType.TRACEPOINT, null, Row.TARGET),
                    row("tracepoint.s", ProgramType.TRACEPOINT, null, Row.TARGET | Row.SLEEPABLE),
                    row("tp.s", ProgramType.TRACEPOINT, null, Row.TARGET | Row.SLEEPABLE),
                    row("raw_tracepoint", ProgramType.RAW_TRACEPOINT, null, Row.TARGET),
                    row("raw_tp", ProgramType.RAW_TRACEPOINT, null, Row.TARGET),
                    row(
                            "raw_tracepoint.s",
                            ProgramType.RAW_TRACEPOINT,
                            null,
                            Row.TARGET | Row.SLEEPABLE),
                    row("raw_tp.s", ProgramType.RAW_TRACEPOINT, null, Row.TARGET | Row.SLEEPABLE),
                    row("raw_tracepoint.w", ProgramType.RAW_TRACEPOINT_WRITABLE, null, Row.TARGET),
                    row("raw_tp.w", ProgramType.RAW_TRACEPOINT_WRITABLE, null, Row.TARGET),
                    row("tp_btf", ProgramType.TRACING, AttachType.TRACE_RAW_TP, Row.TARGET),
                    row(
                            "tp_btf.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_RAW_TP,
                            Row.TARGET | Row.SLEEPABLE),
                    row("fentry", ProgramType.TRACING, AttachType.TRACE_FENTRY, Row.TARGET),
                    row("fmod_ret", ProgramType.TRACING, AttachType.MODIFY_RETURN, Row.TARGET),
                    row("fexit", ProgramType.TRACING, AttachType.TRACE_FEXIT, Row.TARGET),
                    row(
                            "fentry.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FENTRY,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "fmod_ret.s",
                            ProgramType.TRACING,
                            AttachType.MODIFY_RETURN,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "fexit.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FEXIT,
                            Row.TARGET | Row.SLEEPABLE),
                    row("fsession", ProgramType.TRACING, AttachType.TRACE_FSESSION, Row.TARGET),
                    row(
                            "fsession.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FSESSION,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "fsession.multi",
                            ProgramType.TRACING,
                            AttachType.TRACE_FSESSION_MULTI,
                            Row.TARGET),
                    row(
                            "fsession.multi.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FSESSION_MULTI,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "fentry.multi",
                            ProgramType.TRACING,
                            AttachType.TRACE_FENTRY_MULTI,
                            Row.TARGET),
                    row(
                            "fexit.multi",
                            ProgramType.TRACING,
                            AttachType.TRACE_FEXIT_MULTI,
                            Row.TARGET),
                    row(
                            "fentry.multi.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FENTRY_MULTI,
                            Row.TARGET | Row.SLEEPABLE),
                    row(
                            "fexit.multi.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_FEXIT_MULTI,
                            Row.TARGET | Row.SLEEPABLE),
                    row("freplace", ProgramType.EXT, null, Row.TARGET),
                    row("lsm", ProgramType.LSM, AttachType.LSM_MAC, Row.TARGET),
                    row("lsm.s", ProgramType.LSM, AttachType.LSM_MAC, Row.TARGET | Row.SLEEPABLE),
                    row("lsm_cgroup", ProgramType.LSM, AttachType.LSM_CGROUP, Row.TARGET),
                    row("iter", ProgramType.TRACING, AttachType.TRACE_ITER, Row.TARGET),
                    row(
                            "iter.s",
                            ProgramType.TRACING,
                            AttachType.TRACE_ITER,
                            Row.TARGET | Row.SLEEPABLE),
                    row("syscall", ProgramType.SYSCALL, null, Row.SLEEPABLE),
                    row("xdp.frags/devmap", ProgramType.XDP, AttachType.XDP_DEVMAP, Row.FRAGMENTS),
                    row("xdp/devmap", ProgramType.XDP, AttachType.XDP_DEVMAP, 0),
                    row("xdp.frags/cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP, Row.FRAGMENTS),
                    row("xdp/cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP, 0),
                    row("xdp.frags", ProgramType.XDP, AttachType.XDP, Row.FRAGMENTS),
                    row("xdp", ProgramType.XDP, AttachType.XDP, 0),
                    row("perf_event", ProgramType.PERF_EVENT, null, 0),
                    row("lwt_in", ProgramType.LWT_IN, null, 0),
                    row("lwt_out", ProgramType.LWT_OUT, null, 0),
                    row("lwt_xmit", ProgramType.LWT_XMIT, null, 0),
                    row("lwt_seg6local", ProgramType.LWT_SEG6LOCAL, null, 0),
                    row("sockops", ProgramType.SOCK_OPS, AttachType.CGROUP_SOCK_OPS, 0),
                    row(
                            "sk_skb/stream_parser",
                            ProgramType.SK_SKB,
                            AttachType.SK_SKB_STREAM_PARSER,
                            0),
                    row(
                            "sk_skb/stream_verdict",
                            ProgramType.SK_SKB,
                            AttachType.SK_SKB_STREAM_VERDICT,
                            0),
                    row("sk_skb/verdict", ProgramType.SK_SKB, AttachType.SK_SKB_VERDICT, 0),
                    row("sk_skb", ProgramType.SK_SKB, null, 0),
                    row("sk_msg", ProgramType.SK_MSG, AttachType.SK_MSG_VERDICT, 0),
                    row("lirc_mode2", ProgramType.LIRC_MODE2, AttachType.LIRC_MODE2, 0),
                    row("flow_dissector", ProgramType.FLOW_DISSECTOR, AttachType.FLOW_DISSECTOR, 0),
                    row(
                            "cgroup_skb/ingress",
                            ProgramType.CGROUP_SKB,
                            AttachType.CGROUP_INET_INGRESS,
                            0),
                    row(
                            "cgroup_skb/egress",
                            ProgramType.CGROUP_SKB,
                            AttachType.CGROUP_INET_EGRESS,
                            0),
                    row("cgroup/skb", ProgramType.CGROUP_SKB, null, 0),
                    row(
                            "cgroup/sock_create",
                            ProgramType.CGROUP_SOCK,
                            AttachType.CGROUP_INET_SOCK_CREATE,
                            0),
                    row(
                            "cgroup/sock_release",
                            ProgramType.CGROUP_SOCK,
                            AttachType.CGROUP_INET_SOCK_RELEASE,
                            0),
                    row(
                            "cgroup/sock",
                            ProgramType.CGROUP_SOCK,
                            AttachType.CGROUP_INET_SOCK_CREATE,
                            0),
                    row(
                            "cgroup/post_bind4",
                            ProgramType.CGROUP_SOCK,
                            AttachType.CGROUP_INET4_POST_BIND,
                            0),
                    row(
                            "cgroup/post_bind6",
                            ProgramType.CGROUP_SOCK,
                            AttachType.CGROUP_INET6_POST_BIND,
                            0),
                    row(
                            "cgroup/bind4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET4_BIND,
                            0),
                    row(
                            "cgroup/bind6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET6_BIND,
                            0),
                    row(
                            "cgroup/connect4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET4_CONNECT,
                            0),
                    row(
                            "cgroup/connect6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET6_CONNECT,
                            0),
                    row(
                            "cgroup/connect_unix",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UNIX_CONNECT,
                            0),
                    row(
                            "cgroup/sendmsg4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UDP4_SENDMSG,
                            0),
                    row(
                            "cgroup/sendmsg6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UDP6_SENDMSG,
                            0),
                    row(
                            "cgroup/sendmsg_unix",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UNIX_SENDMSG,
                            0),
                    row(
                            "cgroup/recvmsg4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UDP4_RECVMSG,
                            0),
                    row(
                            "cgroup/recvmsg6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UDP6_RECVMSG,
                            0),
                    row(
                            "cgroup/recvmsg_unix",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UNIX_RECVMSG,
                            0),
                    row(
                            "cgroup/getpeername4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET4_GETPEERNAME,
                            0),
                    row(
                            "cgroup/getpeername6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET6_GETPEERNAME,
                            0),
                    row(
                            "cgroup/getpeername_unix",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UNIX_GETPEERNAME,
                            0),
                    row(
                            "cgroup/getsockname4",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET4_GETSOCKNAME,
                            0),
                    row(
                            "cgroup/getsockname6",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_INET6_GETSOCKNAME,
                            0),
                    row(
                            "cgroup/getsockname_unix",
                            ProgramType.CGROUP_SOCK_ADDR,
                            AttachType.CGROUP_UNIX_GETSOCKNAME,
                            0),
                    row("cgroup/sysctl", ProgramType.CGROUP_SYSCTL, AttachType.CGROUP_SYSCTL, 0),
                    row(
                            "cgroup/getsockopt",
                            ProgramType.CGROUP_SOCKOPT,
                            AttachType.CGROUP_GETSOCKOPT,
                            0),
                    row(
                            "cgroup/setsockopt",
                            ProgramType.CGROUP_SOCKOPT,
                            AttachType.CGROUP_SETSOCKOPT,
                            0),
                    row("cgroup/dev", ProgramType.CGROUP_DEVICE, AttachType.CGROUP_DEVICE, 0),
                    row("struct_ops", ProgramType.STRUCT_OPS, null, Row.TARGET),
                    row("struct_ops.s", ProgramType.STRUCT_OPS, null, Row.TARGET | Row.SLEEPABLE),
                    row("sk_lookup", ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP, 0),
                    row("netfilter", ProgramType.NETFILTER, AttachType.NETFILTER, 0));

    private SectionTable() {}

    private static Row row(String name, ProgramType type, AttachType attachType, int flags) {
        return new Row(name, type, attachType, flags);
    }

    public static List<Row> rows() {
        return ROWS;
    }

    /**
     * The row for a section's name (without a leading {@code ?}), or {@code null} for a name of the
     * user's own.
     */
    public static Row find(String section) {
        for (Row row : ROWS) {
            if (row.matches(section)) {
                return row;
            }
        }
        return null;
    }
}

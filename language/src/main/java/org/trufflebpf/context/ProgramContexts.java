package org.trufflebpf.context;

import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

/** The context of each program type. */
public final class ProgramContexts {
    /** {@code PERF_MAX_TRACE_SIZE}: how far a tracepoint's program may read. */
    private static final int MAX_TRACE_SIZE = 8192;

    private static final ProgramContext[] ROWS = build();

    /** Bytes that programs may address of an option, however few it has. */
    private static final int LEAST_SOCKOPT = 16;

    private ProgramContexts() {}

    /**
     * The context of a program: that of its type, but for iterators, which are tracing programs.
     */
    public static ProgramContext of(ProgramSpec program) {
        return program.type() == ProgramType.TRACING
                        && program.attachType() == AttachType.TRACE_ITER.number()
                ? IterContext.INSTANCE
                : of(program.type());
    }

    public static ProgramContext of(ProgramType type) {
        return ROWS[type.number()];
    }

    private static ProgramContext[] build() {
        ProgramContext[] rows = new ProgramContext[ProgramType.values().length];
        for (ProgramType type : ProgramType.values()) {
            rows[type.number()] = context(type);
        }
        return rows;
    }

    private static ProgramContext context(ProgramType type) {
        return switch (type) {
            case UNSPEC, EXT -> MemoryContext.UNTYPED;
            case XDP -> XdpContext.INSTANCE;
            case SCHED_CLS, SCHED_ACT -> SkbContext.LINK;
            case SOCKET_FILTER, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL, SK_SKB ->
                    SkbContext.NETWORK;
            case FLOW_DISSECTOR -> new FlowDissectorContext();
            case SK_LOOKUP -> new SkLookupContext();
            case SYSCALL -> new SyscallContext();
            case NETFILTER -> new NetfilterContext();
            case RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE, TRACING, LSM, STRUCT_OPS ->
                    ArgsContext.INSTANCE;
            case KPROBE -> RegistersContext.PROBE;
            case PERF_EVENT -> RegistersContext.PERF_EVENT;
            case TRACEPOINT -> new MemoryContext(MAX_TRACE_SIZE);
            case CGROUP_SOCK -> new StructContext("struct bpf_sock", 80, null);
            case CGROUP_SOCK_ADDR -> new StructContext("struct bpf_sock_addr", 72, null);
            case CGROUP_SOCKOPT ->
                    new StructContext(
                            "struct bpf_sockopt",
                            40,
                            new StructContext.Buffer(8, 16, 32, LEAST_SOCKOPT));
            case CGROUP_DEVICE -> new StructContext("struct bpf_cgroup_dev_ctx", 12, null);
            case CGROUP_SYSCTL -> new StructContext("struct bpf_sysctl", 8, null);
            case SOCK_OPS ->
                    new StructContext(
                            "struct bpf_sock_ops", 224, new StructContext.Buffer(192, 200, 208));
            case SK_MSG ->
                    new StructContext("struct sk_msg_md", 80, new StructContext.Buffer(0, 8, 68));
            case SK_REUSEPORT ->
                    new StructContext(
                            "struct sk_reuseport_md", 56, new StructContext.Buffer(0, 8, 16));
            case LIRC_MODE2 -> new StructContext("__u32", 4, null);
        };
    }
}

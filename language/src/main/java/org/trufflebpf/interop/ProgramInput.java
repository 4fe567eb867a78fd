package org.trufflebpf.interop;

import org.trufflebpf.context.ArgsContext;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.uapi.ProgramType;

/** What callers of a program pass, as the input of a run. */
final class ProgramInput {
    private final Opened opened;
    private final ProgramSpec program;

    ProgramInput(Opened opened, ProgramSpec program) {
        this.opened = opened;
        this.program = program;
    }

    /** Whether these are numbers for a program whose context is an array of arguments. */
    boolean areArgs(Object[] values) {
        if (!(ProgramContexts.of(program.type()) instanceof ArgsContext)) {
            return false;
        }
        for (Object value : values) {
            if (!Layout.INTEROP.isNumber(value)) {
                return false;
            }
        }
        return true;
    }

    RunInput ofArgs(Object[] values) {
        return new RunInput(null, null, Arguments.longs(new ListValue(values), "args"), 1, 0);
    }

    /** Bytes or null, and a context as bytes, as an object of fields, or null. */
    RunInput of(Object data, Object ctx) {
        return new RunInput(Arguments.bytes(data, "data"), context(ctx), null, 1, 0);
    }

    /** The argument of {@code run}: an object with {@code data}, {@code ctx} and the like. */
    RunInput ofSpec(Object spec) {
        if (Arguments.isNull(spec)) {
            return new RunInput(null, null, null, 1, 0);
        }
        return new RunInput(
                Arguments.bytes(Arguments.member(spec, "data"), "data"),
                context(Arguments.member(spec, "ctx")),
                Arguments.longs(Arguments.member(spec, "args"), "args"),
                Arguments.number(spec, "repeat", 1),
                Arguments.number(spec, "cpu", 0));
    }

    private byte[] context(Object ctx) {
        if (Arguments.isNull(ctx)
                || Layout.INTEROP.hasBufferElements(ctx)
                || Layout.INTEROP.hasArrayElements(ctx)
                || !(Layout.INTEROP.hasMembers(ctx) || Layout.INTEROP.hasHashEntries(ctx))) {
            return Arguments.bytes(ctx, "ctx");
        }
        String name = structName(program.type());
        StructLayout layout = name == null ? null : opened.layouts().struct(name);
        if (layout == null) {
            throw BpfException.usage(
                    "ctx cannot be given by its fields: "
                            + (name == null
                                    ? "the context of type "
                                            + program.type().label()
                                            + " is no structure of its own"
                                    : "the object's BTF has no struct " + name));
        }
        return layout.bytes(
                ctx, Storage.ofCopy(new byte[0], opened.object().spec().order()), " ctx");
    }

    /** A context that came out of a run as a structure, the null value where BTF tells none. */
    Object context(byte[] bytes) {
        String name = structName(program.type());
        StructLayout layout = bytes == null || name == null ? null : opened.layouts().struct(name);
        return layout == null || layout.size > bytes.length
                ? NullValue.INSTANCE
                : layout.read(Storage.ofCopy(bytes, opened.object().spec().order()), 0);
    }

    /** The C structure that programs of a type have as their context, or {@code null}. */
    static String structName(ProgramType type) {
        return switch (type) {
            case XDP -> "xdp_md";
            case SCHED_CLS,
                    SCHED_ACT,
                    SOCKET_FILTER,
                    CGROUP_SKB,
                    LWT_IN,
                    LWT_OUT,
                    LWT_XMIT,
                    LWT_SEG6LOCAL,
                    SK_SKB,
                    FLOW_DISSECTOR ->
                    "__sk_buff";
            case SK_LOOKUP -> "bpf_sk_lookup";
            case CGROUP_SOCK -> "bpf_sock";
            case CGROUP_SOCK_ADDR -> "bpf_sock_addr";
            case CGROUP_SOCKOPT -> "bpf_sockopt";
            case CGROUP_DEVICE -> "bpf_cgroup_dev_ctx";
            case CGROUP_SYSCTL -> "bpf_sysctl";
            case SOCK_OPS -> "bpf_sock_ops";
            case SK_MSG -> "sk_msg_md";
            case SK_REUSEPORT -> "sk_reuseport_md";
            case KPROBE -> "pt_regs";
            case PERF_EVENT -> "bpf_perf_event_data";
            default -> null;
        };
    }
}

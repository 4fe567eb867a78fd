package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Kfunc.Flag;
import org.trufflebpf.verifier.Kfunc.Param;

/** Arguments of kernel functions that are pointers to kernel objects or to plain memory. */
final class KfuncPointer {
    private final Env env;
    private final ArgumentCheck helpers;

    KfuncPointer(Env env, ArgumentCheck helpers) {
        this.env = env;
        this.helpers = helpers;
    }

    /** The kernel's structure behind a context, or {@code null} where there is none. */
    static String kernelContext(ProgramType type) {
        return switch (type) {
            case SOCKET_FILTER,
                    SCHED_CLS,
                    SCHED_ACT,
                    CGROUP_SKB,
                    LWT_IN,
                    LWT_OUT,
                    LWT_XMIT,
                    LWT_SEG6LOCAL,
                    SK_SKB ->
                    "sk_buff";
            case XDP -> "xdp_buff";
            case CGROUP_SOCK -> "sock";
            case CGROUP_SOCK_ADDR -> "bpf_sock_addr_kern";
            case SOCK_OPS -> "bpf_sock_ops_kern";
            case CGROUP_DEVICE -> "bpf_cgroup_dev_ctx";
            case CGROUP_SYSCTL -> "bpf_sysctl_kern";
            case CGROUP_SOCKOPT -> "bpf_sockopt_kern";
            case SK_MSG -> "sk_msg";
            case SK_REUSEPORT -> "sk_reuseport_kern";
            case SK_LOOKUP -> "bpf_sk_lookup_kern";
            case FLOW_DISSECTOR -> "bpf_flow_dissector";
            case KPROBE -> "pt_regs";
            case PERF_EVENT -> "bpf_perf_event_data_kern";
            case NETFILTER -> "bpf_nf_ctx";
            default -> null;
        };
    }

    /** Kernel: {@code process_kf_arg_ptr_to_btf_id}. */
    void object(int regno, Reg reg, Param param, KfuncCall call) {
        int arg = regno - 1;
        Kfunc kfunc = call.kfunc;
        if (!param.type().struct()) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "kernel function "
                            + kfunc.name()
                            + " args#"
                            + arg
                            + " pointer type "
                            + param.type().name()
                            + " is not supported");
        }
        if ((kfunc.has(Flag.TRUSTED_ARGS) || kfunc.has(Flag.RCU)) && !reg.isTrusted()) {
            if (!kfunc.has(Flag.RCU)) {
                throw Env.refuse(RefusalKind.TRUST, "R" + regno + " must be referenced or trusted");
            }
            if (!reg.has(Reg.RCU)) {
                throw Env.refuse(RefusalKind.TRUST, "R" + regno + " must be a rcu pointer");
            }
        }
        boolean unsafe = (reg.flags & ~Reg.TRUST) != 0 && !reg.has(Reg.RCU);
        if (reg.type == RegType.BTF && unsafe) {
            throw Env.refuse(
                    reg.has(Reg.NULL) ? RefusalKind.MAYBE_NULL : RefusalKind.TRUST,
                    "arg#"
                            + arg
                            + " is "
                            + Log.typeName(reg)
                            + " expected "
                            + trustedName(reg)
                            + " or socket");
        }
        match(regno, reg, param, call);
    }

    private static String trustedName(Reg reg) {
        Reg plain = new Reg(reg);
        plain.flags &= Reg.TRUST;
        return Log.typeName(plain);
    }

    private void match(int regno, Reg reg, Param param, KfuncCall call) {
        Btf btf = reg.btf;
        int id = reg.btfId;
        if (reg.type != RegType.BTF) {
            btf = KfuncCheck.types(env, call.kfunc);
            id =
                    env.requireStruct(
                            switch (reg.type) {
                                case SOCK_COMMON -> "sock_common";
                                case TCP_SOCK -> "tcp_sock";
                                case MAP_PTR -> "bpf_map";
                                default -> "sock";
                            },
                            "a socket");
        }
        String wanted = param.type().name();
        String given = btf.name(id);
        int wantedId = btf == env.target() ? env.requireStruct(wanted, call.kfunc.name()) : 0;
        boolean strict =
                (call.kfunc.has(Flag.RELEASE) && reg.refId != 0)
                        || given.equals(wanted + "___init")
                        || wanted.equals(given + "___init");
        boolean same = wantedId != 0 && StructMatch.matches(btf, id, reg.off, wantedId, strict);
        if (!same && !isProjection(wanted, given)) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "kernel function "
                            + call.kfunc.name()
                            + " args#"
                            + (regno - 1)
                            + " expected pointer to STRUCT "
                            + wanted
                            + " but R"
                            + regno
                            + " has a pointer to STRUCT "
                            + given);
        }
    }

    /** What the interface shows of a kernel's structure. */
    private static boolean isProjection(String shown, String real) {
        return (shown.equals("__sk_buff") && real.equals("sk_buff"))
                || (shown.equals("xdp_md") && real.equals("xdp_buff"));
    }

    /** Memory has to be numbers, or a structure of numbers; with a size it may be void. */
    void requireMemoryType(int regno, Param param, boolean sized) {
        boolean fits = !param.type().struct() && (sized || !param.type().isVoid());
        if (!fits && param.type().struct()) {
            Btf btf = env.target();
            String name = param.type().name();
            int id = btf == null ? 0 : btf.findComposite(name);
            fits = id == 0 || KfuncArguments.isScalarStruct(btf, id, 0);
        }
        if (!fits) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "arg#"
                            + (regno - 1)
                            + " pointer type "
                            + (param.type().struct() ? "STRUCT " + param.type().name() : "UNKNOWN ")
                            + " must point to "
                            + (sized ? "void, " : "")
                            + "scalar, or struct with scalar");
        }
    }

    /** Memory as large as its type. */
    void memory(int regno, Reg reg, Param param) {
        long size = param.type().size();
        if (param.type().struct()) {
            Btf btf = env.requireTarget("an argument of type struct " + param.type().name());
            size = btf.sizeOf(btf.findComposite(param.type().name()));
        }
        if (!reg.isNull()) {
            helpers.sized.readAndWrite(regno, (int) size);
        }
    }

    /** Memory with its size in the next register. */
    void sizedMemory(int regno) {
        helpers.sized.sizedReadAndWrite(regno);
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.util.List;

/**
 * Contexts that are the arguments of a kernel function or tracepoint: their kinds come from the
 * kernel's types (kernel: {@code btf_ctx_access}).
 */
final class TracingContext {
    private final Env env;
    private final AttachType attach;
    private final String target;

    TracingContext(Env env) {
        this.env = env;
        this.attach = AttachType.of(env.spec.attachType());
        this.target =
                env.type == ProgramType.STRUCT_OPS
                        ? env.operation().member()
                        : env.spec.attachTarget();
    }

    /** An argument: its number, its type, the suffix that its name may have. */
    private record Argument(int index, int type, String name) {}

    void access(MemoryCheck.Access access, int off) {
        boolean judged =
                switch (env.type) {
                    case TRACING, LSM, STRUCT_OPS -> true;
                    default -> false;
                };
        if (!judged) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "the context of " + env.type.label() + " programs is not judged here");
        }
        if (access.write() || off < 0 || off % access.size() != 0) {
            throw invalid(access, off);
        }
        if (off % 8 != 0) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "func '" + target + "' offset " + off + " is not multiple of 8");
        }
        Btf btf = env.requireTarget("the context of a " + env.type.label() + " program");
        give(access, btf, argument(btf, new TargetProto(env, btf).find(), off));
    }

    private static Refusal invalid(MemoryCheck.Access access, int off) {
        return Env.refuse(
                RefusalKind.CONTEXT_ACCESS,
                "invalid bpf_context access off=" + off + " size=" + access.size());
    }

    private Argument argument(Btf btf, BtfType.FuncProto proto, int off) {
        List<BtfType.Param> params = proto.params();
        // the first parameter of a tracepoint's type is not the program's
        int first = attach == AttachType.TRACE_RAW_TP ? 1 : 0;
        long at = 0;
        int index = first;
        while (index < params.size()) {
            at += Math.max(8, btf.sizeOf(params.get(index).type()) + 7 & ~7L);
            if (off < at) {
                BtfType.Param param = params.get(index);
                return new Argument(index - first, param.type(), param.name());
            }
            index++;
        }
        boolean result =
                off == at
                        && (attach == AttachType.TRACE_FEXIT
                                || attach == AttachType.MODIFY_RETURN
                                || attach == AttachType.LSM_MAC
                                || attach == AttachType.LSM_CGROUP);
        if (!result) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "func '" + target + "' doesn't have " + (off / 8 + 1) + "-th argument");
        }
        return new Argument(index - first, proto.result(), "");
    }

    private void give(MemoryCheck.Access access, Btf btf, Argument argument) {
        BtfType resolved = btf.resolve(argument.type());
        boolean plain = resolved.isNumber() || resolved instanceof BtfType.Composite;
        if (!plain && !(resolved instanceof BtfType.Ptr)) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "func '"
                            + target
                            + "' arg"
                            + argument.index()
                            + " has type "
                            + btf.kind(btf.skipModifiers(argument.type())).label()
                            + ". Only pointer access is allowed");
        }
        if (!plain && access.size() != 8) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "func '" + target + "' size " + access.size() + " must be 8");
        }
        if (!access.reads()) {
            return;
        }
        Reg value = env.reg(access.value());
        if (plain) {
            value.setUnknown();
        } else {
            pointer(value, btf, argument, ((BtfType.Ptr) resolved).target());
        }
        if (value.has(Reg.NULL)) {
            value.id = env.newId();
        }
    }

    private void pointer(Reg value, Btf btf, Argument argument, int to) {
        int pointee = btf.skipModifiers(to);
        // what follows the meta data of an iterator is NULL in the last call
        boolean element = attach == AttachType.TRACE_ITER && argument.index() > 0;
        if (!(btf.type(pointee) instanceof BtfType.Composite)) {
            if (element) {
                boolean key = argument.name().equals("key");
                value.setPointer(RegType.BUF, Reg.NULL | (key ? Reg.RDONLY : 0));
            } else {
                value.setUnknown();
            }
            return;
        }
        boolean nullable =
                element
                        || argument.name().endsWith("__nullable")
                        || (env.type == ProgramType.STRUCT_OPS
                                && env.operation().isNullable(argument.index()))
                        || (attach == AttachType.TRACE_RAW_TP
                                && env.type == ProgramType.TRACING
                                && TracepointNulls.contains(target, argument.index()));
        boolean trusted =
                (env.type == ProgramType.LSM && LsmHooks.isTrusted(target))
                        || env.type == ProgramType.STRUCT_OPS
                        || attach == AttachType.TRACE_RAW_TP
                        || attach == AttachType.TRACE_ITER;
        int tag = 0;
        if (btf.type(to) instanceof BtfType.Alias alias && alias.kind() == BtfKind.TYPE_TAG) {
            tag =
                    switch (alias.name()) {
                        case "user" -> Reg.USER;
                        case "percpu" -> Reg.PERCPU;
                        default -> 0;
                    };
        }
        value.setPointer(
                RegType.BTF, (trusted ? Reg.TRUSTED : 0) | (nullable ? Reg.NULL : 0) | tag);
        value.btf = btf;
        value.btfId =
                env.type == ProgramType.STRUCT_OPS ? env.operation().pointee(pointee) : pointee;
    }
}

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

    TracingContext(Env env) {
        this.env = env;
    }

    void access(MemoryCheck.Access access, int off) {
        if (env.type != ProgramType.TRACING && env.type != ProgramType.LSM) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "the context of " + env.type.label() + " programs is not judged here");
        }
        Btf btf = env.requireTarget("the context of a " + env.type.label() + " program");
        AttachType attach = AttachType.of(env.spec.attachType());
        String target = env.spec.attachTarget();
        BtfType.FuncProto proto = proto(btf, attach, target);
        if (access.write() || off < 0 || off % 8 != 0) {
            throw invalid(access, off);
        }
        boolean iterator = attach == AttachType.TRACE_ITER;
        boolean tracepoint = attach == AttachType.TRACE_RAW_TP;
        List<BtfType.Param> params = proto.params();
        int index = off / 8 + (tracepoint ? 1 : 0);
        int type;
        if (index < params.size()) {
            type = params.get(index).type();
        } else if (index == params.size()
                && (attach == AttachType.TRACE_FEXIT || attach == AttachType.MODIFY_RETURN)) {
            type = proto.result();
        } else {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "func '" + target + "' doesn't have " + (off / 8 + 1) + "-th argument");
        }
        boolean trusted = tracepoint || iterator || env.type == ProgramType.LSM;
        // what follows the meta data is NULL in the last call
        give(access, btf, type, trusted, iterator && index > 0);
    }

    private static Refusal invalid(MemoryCheck.Access access, int off) {
        return Env.refuse(
                RefusalKind.CONTEXT_ACCESS,
                "invalid bpf_context access off=" + off + " size=" + access.size());
    }

    private BtfType.FuncProto proto(Btf btf, AttachType attach, String target) {
        if (attach == null || target == null) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "the context of a program without an attach type is not judged here");
        }
        int id;
        if (attach == AttachType.TRACE_RAW_TP) {
            int typedef = btf.find("btf_trace_" + target, BtfKind.TYPEDEF);
            if (typedef == 0
                    || !(btf.resolve(typedef) instanceof BtfType.Ptr pointer)
                    || !(btf.resolve(pointer.target()) instanceof BtfType.FuncProto proto)) {
                throw missing(target);
            }
            return proto;
        }
        String prefix =
                env.type == ProgramType.LSM
                        ? "bpf_lsm_"
                        : attach == AttachType.TRACE_ITER ? "bpf_iter_" : "";
        id = btf.find(prefix + target, BtfKind.FUNC);
        if (id == 0
                || !(btf.type(id) instanceof BtfType.Func function)
                || !(btf.type(function.proto()) instanceof BtfType.FuncProto proto)) {
            throw missing(target);
        }
        return proto;
    }

    private static Refusal missing(String target) {
        return Env.refuse(
                RefusalKind.UNSUPPORTED, "the kernel's types have no function '" + target + "'");
    }

    private void give(
            MemoryCheck.Access access, Btf btf, int type, boolean trusted, boolean nullable) {
        BtfType resolved = btf.resolve(type);
        boolean pointer = resolved instanceof BtfType.Ptr;
        if (resolved instanceof BtfType.Composite) {
            throw Env.refuse(RefusalKind.CONTEXT_ACCESS, "struct arguments are not judged here");
        }
        if (pointer && access.size() != 8) {
            throw invalid(access, access.off());
        }
        if (!access.reads()) {
            return;
        }
        Reg value = env.reg(access.value());
        if (!pointer) {
            value.setUnknown();
            return;
        }
        int pointee = btf.skipModifiers(((BtfType.Ptr) resolved).target());
        int flags = (trusted ? Reg.TRUSTED : 0) | (nullable ? Reg.NULL : 0);
        if (!(btf.type(pointee) instanceof BtfType.Composite)) {
            if (nullable) {
                // key and value of an element
                value.setPointer(RegType.BUF, Reg.NULL);
                value.id = env.newId();
            } else {
                value.setUnknown();
            }
            return;
        }
        value.setPointer(RegType.BTF, flags);
        if (nullable) {
            value.id = env.newId();
        }
        value.btf = btf;
        value.btfId = pointee;
    }
}

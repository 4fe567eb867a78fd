package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

/**
 * The kernel function that a program is attached to: a function, a tracepoint, a hook of a security
 * module, an iterator's target, or a member of a structure of operations.
 */
final class TargetProto {
    private final Env env;
    private final Btf btf;

    TargetProto(Env env, Btf btf) {
        this.env = env;
        this.btf = btf;
    }

    BtfType.FuncProto find() {
        if (env.type == ProgramType.STRUCT_OPS) {
            return env.operation().proto();
        }
        AttachType attach = AttachType.of(env.spec.attachType());
        String target = env.spec.attachTarget();
        if (attach == null || target == null) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "the context of a program without an attach type is not judged here");
        }
        if (attach == AttachType.TRACE_RAW_TP) {
            int typedef = btf.find("btf_trace_" + target, BtfKind.TYPEDEF);
            return prototype(typedef == 0 ? null : btf.resolve(typedef), target);
        }
        String prefix =
                env.type == ProgramType.LSM
                        ? "bpf_lsm_"
                        : attach == AttachType.TRACE_ITER ? "bpf_iter_" : "";
        BtfType.FuncProto proto = btf.proto(btf.find(prefix + target, BtfKind.FUNC));
        if (proto == null) {
            throw missing(target);
        }
        return proto;
    }

    /** Whether what the program stands in for returns nothing. */
    boolean isVoid() {
        return find().result() == 0;
    }

    private BtfType.FuncProto prototype(BtfType pointer, String target) {
        if (pointer instanceof BtfType.Ptr to
                && btf.resolve(to.target()) instanceof BtfType.FuncProto proto) {
            return proto;
        }
        throw missing(target);
    }

    private static Refusal missing(String target) {
        return Env.refuse(
                RefusalKind.UNSUPPORTED, "the kernel's types have no function '" + target + "'");
    }
}

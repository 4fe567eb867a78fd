package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.MapType;
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
            return operation();
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

    /** The member of the kernel's structure that the object's variable gives this program for. */
    private BtfType.FuncProto operation() {
        for (MapSpec map : env.object.maps()) {
            for (MapSpec.Slot slot : map.slots()) {
                if (map.type() == MapType.STRUCT_OPS && slot.target().equals(env.spec.name())) {
                    return operation(map, slot.key());
                }
            }
        }
        throw Env.refuse(
                RefusalKind.UNSUPPORTED,
                "no variable of .struct_ops holds program '" + env.spec.name() + "'");
    }

    private BtfType.FuncProto operation(MapSpec map, int offset) {
        Btf own = env.object.btf();
        String name = own.name(map.valueTypeId());
        String member = null;
        if (own.type(map.valueTypeId()) instanceof BtfType.Composite struct) {
            for (BtfType.Member candidate : struct.members()) {
                member = candidate.bitOffset() == offset * 8L ? candidate.name() : member;
            }
        }
        int id = env.requireStruct(Btf.essentialName(name), "program '" + env.spec.name() + "'");
        if (btf.type(id) instanceof BtfType.Composite struct) {
            for (BtfType.Member candidate : struct.members()) {
                if (candidate.name().equals(member)) {
                    return prototype(btf.resolve(candidate.type()), name + "." + member);
                }
            }
        }
        throw missing(name + "." + member);
    }
}

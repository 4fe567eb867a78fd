package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Kfunc.Flag;
import org.trufflebpf.verifier.Kfunc.Kind;
import org.trufflebpf.verifier.Kfunc.Param;
import org.trufflebpf.verifier.Reg.DynptrKind;

import java.util.List;

/** Holds the arguments of kernel functions to their kinds (kernel: {@code check_kfunc_args}). */
final class KfuncArguments {
    private static final int MAX_DEPTH = 3;

    private final Env env;
    private final ArgumentCheck helpers;
    private final Parts parts;
    private final KfuncPointer pointers;

    KfuncArguments(Env env, ArgumentCheck helpers, Parts parts) {
        this.env = env;
        this.helpers = helpers;
        this.parts = parts;
        this.pointers = new KfuncPointer(env, helpers);
    }

    /** What arguments of single kinds are held to. */
    record Parts(MemoryCheck memory, GraphCheck graphs, IteratorCheck iterators, IrqCheck irqs) {}

    void check(KfuncCall call) {
        List<Param> params = call.kfunc.params();
        for (int i = 0; i < params.size(); i++) {
            Param param = params.get(i);
            Param next = i + 1 < params.size() ? params.get(i + 1) : null;
            int regno = i + 1;
            Reg reg = env.reg(regno);
            switch (param.kind()) {
                case IGNORED -> {}
                case SCALAR, CONSTANT -> number(regno, reg, param, call);
                default -> {
                    if (pointer(regno, reg, param, next, call)) {
                        i++;
                    }
                }
            }
        }
    }

    private void number(int regno, Reg reg, Param param, KfuncCall call) {
        if (!reg.isScalar()) {
            throw Env.refuse(RefusalKind.ARGUMENT, "R" + regno + " is not a scalar");
        }
        if (param.kind() == Kind.CONSTANT) {
            constant(regno, call);
        }
    }

    private void constant(int regno, KfuncCall call) {
        Reg reg = env.reg(regno);
        if (!reg.isConst()) {
            throw Env.refuse(RefusalKind.ARGUMENT, "R" + regno + " must be a known constant");
        }
        env.precision.mark(regno);
        call.constant = reg.bits.value();
    }

    /** Whether the next argument was looked at too: the size of memory. */
    private boolean pointer(int regno, Reg reg, Param param, Param next, KfuncCall call) {
        Kfunc kfunc = call.kfunc;
        boolean trusting = kfunc.has(Flag.TRUSTED_ARGS) || kfunc.has(Flag.RCU);
        if (trusting && (reg.isNull() || reg.has(Reg.NULL)) && !param.isNullable()) {
            throw Env.refuse(
                    RefusalKind.MAYBE_NULL,
                    "Possibly NULL pointer passed to trusted arg" + (regno - 1));
        }
        if (reg.refId != 0) {
            call.refId = reg.refId;
            if (kfunc.has(Flag.RELEASE)) {
                call.releaseRegno = regno;
            }
        }
        if (param.isNullable() && reg.isNull()) {
            return false;
        }
        offset(regno, reg, param, kfunc);
        switch (param.kind()) {
            case ALLOCATED -> allocated(regno, reg, call);
            case REFCOUNTED -> refcounted(regno, reg, call);
            case DYNPTR -> dynptr(regno, reg, param, call);
            case ITERATOR -> iterator(regno, reg, call);
            case LIST_HEAD -> parts.graphs().root(regno, reg, SpecialField.Kind.LIST_HEAD, call);
            case RB_ROOT -> parts.graphs().root(regno, reg, SpecialField.Kind.RB_ROOT, call);
            case LIST_NODE -> parts.graphs().node(regno, reg, SpecialField.Kind.LIST_NODE, call);
            case RB_NODE -> parts.graphs().node(regno, reg, SpecialField.Kind.RB_NODE, call);
            case STRING -> {
                if (reg.type != RegType.MAP_VALUE) {
                    throw wrong(regno, " doesn't point to a const string");
                }
                helpers.constString(regno, reg);
            }
            case MAP -> map(regno, reg, call);
            case WORKQUEUE -> field(regno, reg, SpecialField.Kind.WORKQUEUE, call);
            case TASK_WORK -> field(regno, reg, SpecialField.Kind.TASK_WORK, call);
            case IRQ_FLAG -> parts.irqs().argument(regno, reg, call);
            case RES_SPIN_LOCK -> helpers.locks.resLock(regno, reg, call);
            case CALLBACK -> {
                if (reg.type != RegType.FUNC) {
                    throw Env.refuse(
                            RefusalKind.ARGUMENT,
                            "arg" + (regno - 1) + " expected pointer to func");
                }
                call.subprog = reg.subprog;
            }
            default -> {
                return plain(regno, reg, param, next, call);
            }
        }
        return false;
    }

    private static Refusal wrong(int regno, String message) {
        return Env.refuse(RefusalKind.ARGUMENT, "arg#" + (regno - 1) + message);
    }

    /** Kernel: {@code check_func_arg_reg_off}. */
    private void offset(int regno, Reg reg, Param param, Kfunc kfunc) {
        boolean released = kfunc.has(Flag.RELEASE) && reg.refId != 0;
        if (released && param.kind() != Kind.DYNPTR && reg.off != 0) {
            throw Env.refuse(
                    RefusalKind.REFERENCE,
                    "R"
                            + regno
                            + " must have zero offset when passed to release func or trusted"
                            + " arg to kfunc");
        }
        switch (reg.type) {
            case STACK, PACKET, PACKET_META, MAP_KEY, MAP_VALUE, MEM, BUF, SCALAR, ARENA -> {}
            case BTF -> {
                if (!reg.isConst() || reg.off < 0) {
                    parts.memory().checkNoOffset(reg, regno);
                }
            }
            case NOT_INIT -> {}
            default -> parts.memory().checkNoOffset(reg, regno);
        }
    }

    private void allocated(int regno, Reg reg, KfuncCall call) {
        boolean percpu = call.is("bpf_percpu_obj_drop_impl");
        int alloc = Reg.ALLOC | (percpu ? Reg.PERCPU : 0);
        int other = Reg.ALLOC | (percpu ? 0 : Reg.PERCPU);
        if (reg.type == RegType.BTF && reg.flags == other) {
            throw wrong(
                    regno,
                    " expected for "
                            + (percpu ? "bpf_obj_drop_impl()" : "bpf_percpu_obj_drop_impl()"));
        }
        if (reg.type != RegType.BTF || reg.flags != alloc) {
            throw wrong(regno, " expected pointer to allocated object");
        }
        if (reg.refId == 0) {
            throw Env.refuse(RefusalKind.REFERENCE, "allocated object must be referenced");
        }
    }

    private void refcounted(int regno, Reg reg, KfuncCall call) {
        if (reg.type != RegType.BTF || !reg.has(Reg.ALLOC)) {
            throw wrong(regno, " is neither owning or non-owning ref");
        }
        if (env.field(reg, SpecialField.Kind.REFCOUNT) == null) {
            throw wrong(regno, " doesn't point to a type with bpf_refcount field");
        }
        call.object = new Reg(reg);
    }

    private void dynptr(int regno, Reg reg, Param param, KfuncCall call) {
        DynptrKind kind =
                switch (call.kfunc.name()) {
                    case "bpf_dynptr_from_skb" -> DynptrKind.SKB;
                    case "bpf_dynptr_from_xdp" -> DynptrKind.XDP;
                    case "bpf_dynptr_from_skb_meta" -> DynptrKind.SKB_META;
                    default -> param.isFresh() ? call.dynptr : DynptrKind.NONE;
                };
        Reg found =
                helpers.dynptrs.use(
                        regno,
                        reg,
                        new DynptrCheck.Use(kind, param.isFresh(), false, call.dynptrRefId));
        if (found != null) {
            call.dynptr = found.dynptr;
            call.dynptrId = found.id;
            call.dynptrRefId = found.refId;
        }
    }

    private void iterator(int regno, Reg reg, KfuncCall call) {
        boolean listed =
                env.state.sleepable
                        || env.type == ProgramType.LSM
                        || (env.type == ProgramType.TRACING
                                && env.attach() == AttachType.TRACE_ITER);
        if (call.is("bpf_iter_css_task_new") && !listed) {
            throw Env.refuse(
                    RefusalKind.ITERATOR,
                    "css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs");
        }
        parts.iterators().argument(regno, reg, call);
    }

    private void map(int regno, Reg reg, KfuncCall call) {
        if (reg.type != RegType.MAP_PTR) {
            throw Env.refuse(RefusalKind.MAP_USE, "pointer in R" + regno + " isn't map pointer");
        }
        if (call.map != null) {
            boolean work = call.map.field(SpecialField.Kind.TASK_WORK) != null;
            MapFieldCheck.requireSameMap(
                    regno, reg, call.map, call.mapUid, work ? "bpf_task_work" : "workqueue");
        }
        call.map = reg.map;
        call.mapUid = reg.mapUid;
    }

    private void field(int regno, Reg reg, SpecialField.Kind kind, KfuncCall call) {
        if (reg.type != RegType.MAP_VALUE || reg.has(Reg.NULL)) {
            throw wrong(regno, " doesn't point to a map value");
        }
        MapFieldCheck.require(regno, reg, kind);
        call.map = reg.map;
        call.mapUid = reg.mapUid;
    }

    /** A pointer whose register decides what it is: context, kernel object, memory. */
    private boolean plain(int regno, Reg reg, Param param, Param next, KfuncCall call) {
        if (call.is("bpf_cast_to_kern_ctx") || isContext(param)) {
            if (reg.type != RegType.CTX) {
                throw wrong(regno, " expected pointer to ctx, but got " + Log.typeName(reg));
            }
            call.kernelContext = KfuncPointer.kernelContext(env.type);
            if (call.is("bpf_cast_to_kern_ctx") && call.kernelContext == null) {
                throw Env.refuse(
                        RefusalKind.ARGUMENT,
                        "the context of a " + env.type.label() + " program is not a struct");
            }
            return false;
        }
        if (reg.type == RegType.BTF || reg.type.isSocket() || reg.type == RegType.MAP_PTR) {
            pointers.object(regno, reg, param, call);
            return false;
        }
        boolean sized = next != null && next.isSize() && env.reg(regno + 1).isScalar();
        pointers.requireMemoryType(regno, param, sized);
        if (!sized) {
            pointers.memory(regno, reg, param);
            return false;
        }
        if (!(reg.isNull() && param.isOptional())) {
            pointers.sizedMemory(regno);
        }
        if (next.isConstantSize()) {
            constant(regno + 1, call);
        }
        return true;
    }

    private boolean isContext(Param param) {
        return param.type().struct()
                && env.type.contextType().equals("struct " + param.type().name());
    }

    /** Kernel: {@code __btf_type_is_scalar_struct}. */
    static boolean isScalarStruct(Btf btf, int id, int depth) {
        if (!(btf.resolve(id) instanceof BtfType.Composite struct)) {
            return false;
        }
        for (BtfType.Member member : struct.members()) {
            int type = btf.skipModifiers(member.type());
            if (btf.type(type) instanceof BtfType.Array array) {
                type = btf.skipModifiers(array.element());
            }
            boolean plain =
                    switch (btf.type(type)) {
                        case BtfType.Int number -> true;
                        case BtfType.Enumeration number -> true;
                        case BtfType.Composite inner ->
                                depth < MAX_DEPTH && isScalarStruct(btf, type, depth + 1);
                        default -> false;
                    };
            if (!plain) {
                return false;
            }
        }
        return true;
    }
}

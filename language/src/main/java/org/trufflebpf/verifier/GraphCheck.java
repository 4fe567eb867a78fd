package org.trufflebpf.verifier;

import org.trufflebpf.verifier.SpecialField.Kind;

/**
 * Lists and red-black trees of allocated objects: they are reached under the lock that lies beside
 * them; an insertion turns the reference to an object into one that holds while the lock is held
 * (kernel: {@code process_kf_arg_ptr_to_graph_root}, {@code ..._node}).
 */
final class GraphCheck {
    private final Env env;

    GraphCheck(Env env) {
        this.env = env;
    }

    void root(int regno, Reg reg, Kind kind, KfuncCall call) {
        boolean allocated = isOwnedObject(reg);
        if (reg.type != RegType.MAP_VALUE && !allocated) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "arg#" + (regno - 1) + " expected pointer to map value or allocated object");
        }
        if (allocated && reg.refId == 0) {
            throw Env.refuse(RefusalKind.REFERENCE, "allocated object must be referenced");
        }
        Env.requireConstantOffset(regno, reg, kind.text(), RefusalKind.ARGUMENT);
        long off = reg.off + reg.bits.value();
        SpecialField field = env.fieldAt(reg, off, kind);
        if (field == null) {
            throw notFound(kind, off);
        }
        requireLock(reg, kind);
        call.root = field;
    }

    private void requireLock(Reg reg, Kind kind) {
        Object owner = LockCheck.owner(reg);
        State state = env.state;
        boolean held =
                state.refs.stream()
                        .anyMatch(
                                ref ->
                                        ref.isLock()
                                                && ref.id() == reg.id
                                                && owner.equals(ref.object()));
        if (held) {
            return;
        }
        if (state.activeLocks > 0) {
            env.log.line("held lock and object are not in the same allocation");
        }
        SpecialField lock = env.field(reg, Kind.SPIN_LOCK);
        throw Env.refuse(
                RefusalKind.LOCK,
                "bpf_spin_lock at off="
                        + (lock == null ? -22 : lock.offset())
                        + " must be held for "
                        + kind.text());
    }

    /** A node that is given to a function: to be taken in, or already in. */
    void node(int regno, Reg reg, Kind kind, KfuncCall call) {
        if (call.kfunc.isInsertion()) {
            if (!isOwnedObject(reg)) {
                throw Env.refuse(
                        RefusalKind.ARGUMENT,
                        "arg#" + (regno - 1) + " expected pointer to allocated object");
            }
            if (reg.refId == 0) {
                throw Env.refuse(RefusalKind.REFERENCE, "allocated object must be referenced");
            }
        } else {
            if (!reg.has(Reg.NON_OWN) && reg.refId == 0) {
                throw Env.refuse(
                        RefusalKind.REFERENCE,
                        call.kfunc.name()
                                + " can only take non-owning or refcounted "
                                + kind.text()
                                + " pointer");
            }
            if (isInLess()) {
                throw Env.refuse(
                        RefusalKind.CALLBACK, call.kfunc.name() + " not allowed in rbtree cb");
            }
        }
        Env.requireConstantOffset(regno, reg, kind.text(), RefusalKind.ARGUMENT);
        long off = reg.off + reg.bits.value();
        if (env.fieldAt(reg, off, kind) == null) {
            throw notFound(kind, off);
        }
        SpecialField root = call.root;
        if (env.object.btf().skipModifiers(reg.btfId)
                != env.object.btf().skipModifiers(root.pointee())) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "operation on "
                            + root.kind().text()
                            + " expects arg#1 "
                            + kind.text()
                            + " at offset="
                            + root.nodeOffset()
                            + " in struct "
                            + env.object.btf().name(root.pointee())
                            + ", but arg is at offset="
                            + off
                            + " in struct "
                            + reg.btf.name(reg.btfId));
        }
        if (off != root.nodeOffset()) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "arg#1 offset="
                            + off
                            + ", but expected "
                            + kind.text()
                            + " at offset="
                            + root.nodeOffset()
                            + " in struct "
                            + env.object.btf().name(root.pointee()));
        }
        call.object = new Reg(reg);
    }

    /** A pointer to the node of an object of a list or tree. */
    void nodeOf(SpecialField root, Reg reg) {
        reg.setPointer(RegType.BTF, Reg.ALLOC);
        reg.btf = env.object.btf();
        reg.btfId = root.pointee();
        reg.off = root.nodeOffset();
    }

    /** The pointer is good while the lock is held: who gets it does not own the object. */
    void setNonOwning(Reg reg) {
        reg.flags |= Reg.NON_OWN;
        if (env.field(reg, Kind.REFCOUNT) != null) {
            reg.flags |= Reg.RCU;
        }
    }

    /** What was inserted belongs to the list or tree now. */
    void insert(int refId) {
        env.state.forEachReg(
                reg -> {
                    if (reg.refId == refId) {
                        reg.refId = 0;
                        setNonOwning(reg);
                    }
                });
        env.release(refId);
    }

    /** Whether the function that is walked compares nodes of a tree, under its lock. */
    boolean isInLess() {
        Frame frame = env.state.frame();
        return frame.inCallback && frame.comparesNodes;
    }

    private static boolean isOwnedObject(Reg reg) {
        return reg.type == RegType.BTF && reg.flags == Reg.ALLOC;
    }

    private static Refusal notFound(Kind kind, long off) {
        return Env.refuse(RefusalKind.ARGUMENT, kind.text() + " not found at offset=" + off);
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.verifier.Ref.Kind;

/**
 * Locks in map values and allocated objects: spin locks, one at a time, and resilient ones,
 * several, which are released in the opposite order (kernel: {@code process_spin_lock}).
 */
final class LockCheck {
    private final Env env;

    LockCheck(Env env) {
        this.env = env;
    }

    void spinLock(int regno, Reg reg, boolean lock) {
        if (env.state.frame().inCallback && env.state.frame().comparesNodes) {
            throw Env.refuse(RefusalKind.LOCK, "can't spin_{lock,unlock} in rbtree cb");
        }
        check(regno, reg, Kind.LOCK, lock);
    }

    void resLock(int regno, Reg reg, KfuncCall call) {
        if (reg.type != RegType.MAP_VALUE && !(reg.type == RegType.BTF && reg.flags == Reg.ALLOC)) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "arg#" + (regno - 1) + " doesn't point to map value or allocated object");
        }
        boolean irq = call.kfunc.name().contains("irq");
        boolean lock = call.kfunc.name().startsWith("bpf_res_spin_lock");
        check(regno, reg, irq ? Kind.RES_LOCK_IRQ : Kind.RES_LOCK, lock);
    }

    /** What tells locks of the same id apart: the map, or the types of an allocated object. */
    static Object owner(Reg reg) {
        return reg.map != null ? reg.map : reg.btf;
    }

    private void check(int regno, Reg reg, Kind kind, boolean lock) {
        boolean resilient = kind != Kind.LOCK;
        String name = resilient ? "bpf_res_spin" : "bpf_spin";
        Env.requireConstantOffset(regno, reg, name + "_lock", RefusalKind.LOCK);
        SpecialField.Kind fieldKind =
                resilient ? SpecialField.Kind.RES_SPIN_LOCK : SpecialField.Kind.SPIN_LOCK;
        SpecialField field = env.field(reg, fieldKind);
        if (field == null) {
            throw Env.refuse(
                    RefusalKind.LOCK,
                    (reg.map != null ? "map '" + reg.map.name() : "local 'kptr")
                            + "' has no valid "
                            + name
                            + "_lock");
        }
        long at = reg.off + reg.bits.value();
        if (field.offset() != at) {
            throw Env.refuse(
                    RefusalKind.LOCK,
                    "off "
                            + at
                            + " doesn't point to 'struct "
                            + name
                            + "_lock' that is at "
                            + field.offset());
        }
        if (lock) {
            acquire(kind, reg.id, owner(reg));
        } else {
            release(kind, name, reg.id, owner(reg));
        }
    }

    private Ref held(Kind kind, int id, Object owner) {
        for (Ref ref : env.state.refs) {
            if (ref.kind() == kind && ref.id() == id && owner.equals(ref.object())) {
                return ref;
            }
        }
        return null;
    }

    private void acquire(Kind kind, int id, Object owner) {
        State state = env.state;
        if (kind == Kind.LOCK && state.activeLocks > 0) {
            throw Env.refuse(RefusalKind.LOCK, "Locking two bpf_spin_locks are not allowed");
        }
        if (held(Kind.RES_LOCK, id, owner) != null || held(Kind.RES_LOCK_IRQ, id, owner) != null) {
            throw Env.refuse(
                    RefusalKind.LOCK, "Acquiring the same lock again, AA deadlock detected");
        }
        state.refs.add(new Ref(kind, id, env.insn, owner));
        state.activeLocks++;
        state.activeLockId = id;
        state.activeLockObject = owner;
    }

    private void release(Kind kind, String name, int id, Object owner) {
        State state = env.state;
        if (state.activeLocks == 0) {
            throw Env.refuse(RefusalKind.LOCK, name + "_unlock without taking a lock");
        }
        Ref ref = held(kind, id, owner);
        if (ref == null) {
            throw Env.refuse(RefusalKind.LOCK, name + "_unlock of different lock");
        }
        if (state.activeLockId != id || !owner.equals(state.activeLockObject)) {
            throw Env.refuse(RefusalKind.LOCK, name + "_unlock cannot be out of order");
        }
        state.refs.remove(ref);
        state.activeLocks--;
        state.activeLockId = 0;
        state.activeLockObject = null;
        for (Ref other : state.refs) {
            if (other.isLock()) {
                state.activeLockId = other.id();
                state.activeLockObject = other.object();
            }
        }
        env.invalidateNonOwning();
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.verifier.HelperCheck.Meta;
import org.trufflebpf.verifier.Ref.Kind;

/** Spin locks, and timers in map values. */
final class LockCheck {
    private final Env env;

    LockCheck(Env env) {
        this.env = env;
    }

    void spinLock(int regno, Reg reg, boolean lock) {
        String verb = lock ? "lock" : "unlock";
        if (!reg.isConst()) {
            throw Env.refuse(
                    RefusalKind.LOCK,
                    "R"
                            + regno
                            + " doesn't have constant offset. bpf_spin_lock has to be at the"
                            + " constant offset");
        }
        if (reg.type != RegType.MAP_VALUE) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED, "locks in allocated objects are not judged here");
        }
        SpecialField field = reg.map.field(SpecialField.Kind.SPIN_LOCK);
        if (field == null) {
            throw Env.refuse(
                    RefusalKind.LOCK, "map '" + reg.map.name() + "' has no valid bpf_spin_lock");
        }
        long at = reg.off + reg.bits.value();
        if (field.offset() != at) {
            throw Env.refuse(
                    RefusalKind.LOCK,
                    "off "
                            + at
                            + " doesn't point to 'struct bpf_spin_lock' that is at "
                            + field.offset());
        }
        State state = env.state;
        if (lock) {
            if (state.activeLocks > 0) {
                throw Env.refuse(RefusalKind.LOCK, "Locking two bpf_spin_locks are not allowed");
            }
            state.refs.add(new Ref(Kind.LOCK, reg.id, env.insn, reg.map));
            state.activeLocks++;
            state.activeLockId = reg.id;
            state.activeLockObject = reg.map;
            return;
        }
        if (state.activeLocks == 0) {
            throw Env.refuse(RefusalKind.LOCK, "bpf_spin_" + verb + " without taking a lock");
        }
        if (state.activeLockObject != reg.map || state.activeLockId != reg.id) {
            throw Env.refuse(RefusalKind.LOCK, "bpf_spin_unlock of different lock");
        }
        state.refs.removeIf(ref -> ref.kind() == Kind.LOCK && ref.id() == reg.id);
        state.activeLocks--;
        state.activeLockId = 0;
        state.activeLockObject = null;
        env.invalidateNonOwning();
    }

    void timer(int regno, Reg reg, Meta meta) {
        if (!reg.isConst()) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "R"
                            + regno
                            + " doesn't have constant offset. bpf_timer has to be at the constant"
                            + " offset");
        }
        SpecialField field = reg.map.field(SpecialField.Kind.TIMER);
        if (field == null) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT, "map '" + reg.map.name() + "' has no valid bpf_timer");
        }
        long at = reg.off + reg.bits.value();
        if (field.offset() != at) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "off "
                            + at
                            + " doesn't point to 'struct bpf_timer' that is at "
                            + field.offset());
        }
        meta.map = reg.map;
        meta.mapUid = reg.mapUid;
    }

    /** The map that {@code bpf_timer_init} is given has to be the one of the timer. */
    void checkMapOfTimer(HelperRow row, Meta meta, Reg map) {
        if (!row.name().equals("timer_init")) {
            return;
        }
        Reg timer = env.reg(1);
        if (timer.map != map.map || timer.mapUid != map.mapUid) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "timer pointer in R1 map_uid="
                            + timer.mapUid
                            + " doesn't match map pointer in R2 map_uid="
                            + map.mapUid);
        }
    }
}

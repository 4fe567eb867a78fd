package org.trufflebpf.verifier;

import java.util.List;
import java.util.Objects;

/**
 * Whether what was found safe for an older state holds for a newer one: each part of the newer is
 * as good as that of the older (kernel: {@code states_equal}).
 */
final class StateCompare {
    /** How exact scalars are compared. */
    enum Level {
        /** Imprecise scalars are not compared. */
        NOT_EXACT,
        /** All are the same. */
        EXACT,
        /** All ranges of the newer lie in those of the older. */
        RANGE_WITHIN
    }

    private final Env env;
    private final IdMap ids = new IdMap();
    private static final StackSlot MISC_SLOT = miscSlot();

    StateCompare(Env env) {
        this.env = env;
    }

    private static StackSlot miscSlot() {
        StackSlot slot = new StackSlot();
        slot.fill(StackSlot.MISC);
        slot.spilled.setUnknown();
        return slot;
    }

    boolean equal(State old, State now, Level level) {
        if (old.current != now.current
                || old.sleepable != now.sleepable
                || old.activeLocks != now.activeLocks
                || old.preemptLocks != now.preemptLocks
                || old.rcuLocks != now.rcuLocks) {
            return false;
        }
        ids.clear();
        if (!sameRefs(old, now)) {
            return false;
        }
        for (int i = 0; i <= old.current; i++) {
            if (old.frames[i].callSite != now.frames[i].callSite
                    || !frames(old.frames[i], now.frames[i], old.insnOf(i), level)) {
                return false;
            }
        }
        return true;
    }

    private boolean sameRefs(State old, State now) {
        List<Ref> before = old.refs;
        List<Ref> after = now.refs;
        if (before.size() != after.size()
                || !ids.same(old.activeIrq, now.activeIrq)
                || !ids.same(old.activeLockId, now.activeLockId)
                || !Objects.equals(old.activeLockObject, now.activeLockObject)) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            Ref a = before.get(i);
            Ref b = after.get(i);
            if (a.kind() != b.kind()
                    || !ids.same(a.id(), b.id())
                    || (a.isLock() && !Objects.equals(a.object(), b.object()))) {
                return false;
            }
        }
        return true;
    }

    private boolean frames(Frame old, Frame now, int insn, Level level) {
        if (old.callbackDepth > now.callbackDepth) {
            return false;
        }
        int live = env.layout.liveRegs[insn];
        for (int i = 0; i < Frame.FP; i++) {
            if ((live & 1 << i) != 0 && !regs(old.regs[i], now.regs[i], level)) {
                return false;
            }
        }
        return stacks(old, now, level);
    }

    private boolean exact(Reg old, Reg now) {
        return old.sameShape(now)
                && old.sameRange(now)
                && ids.same(old.id, now.id)
                && ids.same(old.refId, now.refId);
    }

    private boolean regs(Reg old, Reg now, Level level) {
        if (level == Level.EXACT) {
            return exact(old, now);
        }
        if (old.type == RegType.NOT_INIT
                && (level == Level.NOT_EXACT || now.type == RegType.NOT_INIT)) {
            return true;
        }
        if (old.type != now.type || old.flags != now.flags) {
            return false;
        }
        return switch (old.type) {
            case SCALAR -> scalars(old, now, level);
            case MAP_KEY, MAP_VALUE, MEM, BUF, TP_BUFFER ->
                    old.sameShape(now)
                            && old.rangeContains(now)
                            && ids.same(old.id, now.id)
                            && ids.same(old.refId, now.refId);
            case PACKET, PACKET_META -> {
                if (old.range < 0 || now.range < 0) {
                    if (old.range != now.range) {
                        yield false;
                    }
                } else if (old.range > now.range) {
                    yield false;
                }
                yield old.off == now.off && ids.same(old.id, now.id) && old.rangeContains(now);
            }
            case ARENA -> true;
            default -> exact(old, now);
        };
    }

    private boolean scalars(Reg old, Reg now, Level level) {
        if (!old.precise && level == Level.NOT_EXACT) {
            return true;
        }
        if ((old.id & Reg.ADD_CONST) != (now.id & Reg.ADD_CONST)) {
            return false;
        }
        if ((old.id & Reg.ADD_CONST) != 0 && old.off != now.off) {
            return false;
        }
        // what was moved is still linked with what was not
        return old.rangeContains(now)
                && ids.sameScalar(old.id & ~Reg.ADD_CONST, now.id & ~Reg.ADD_CONST);
    }

    private boolean stacks(Frame old, Frame now, Level level) {
        for (int i = 0; i < old.slots.size(); i++) {
            StackSlot before = old.slots.get(i);
            if (before.isInvalid()) {
                if (level == Level.EXACT && i < now.slots.size() && !now.slots.get(i).isInvalid()) {
                    return false;
                }
                continue;
            }
            StackSlot after = i < now.slots.size() ? now.slots.get(i) : null;
            if (level == Level.EXACT
                    && (after == null || !java.util.Arrays.equals(before.kinds, after.kinds))) {
                return false;
            }
            if (after == null) {
                // whatever was never written may be read by root as if it were there
                if (onlyMisc(before)) {
                    continue;
                }
                return false;
            }
            if (!slots(before, after, level)) {
                return false;
            }
        }
        if (level == Level.EXACT) {
            for (int i = old.slots.size(); i < now.slots.size(); i++) {
                if (!now.slots.get(i).isInvalid()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean onlyMisc(StackSlot slot) {
        for (byte kind : slot.kinds) {
            if (kind != StackSlot.MISC && kind != StackSlot.INVALID) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAllMisc(StackSlot slot) {
        for (byte kind : slot.kinds) {
            if (kind != StackSlot.MISC && kind != StackSlot.INVALID) {
                return false;
            }
        }
        return true;
    }

    private boolean slots(StackSlot before, StackSlot after, Level level) {
        // a spilled scalar that is not known in any bit is as plain bytes are
        if (before.isScalarSpill() && before.isWholeSpill() && isAllMisc(after)) {
            return regs(before.spilled, MISC_SLOT.spilled, level);
        }
        if (after.isScalarSpill() && after.isWholeSpill() && isAllMisc(before)) {
            return regs(MISC_SLOT.spilled, after.spilled, level);
        }
        for (int b = 0; b < 8; b++) {
            byte was = before.kinds[b];
            byte is = after.kinds[b];
            if (was == StackSlot.INVALID || was == is) {
                continue;
            }
            // root may read whatever is there where plain bytes were expected
            if (was == StackSlot.MISC && is < StackSlot.DYNPTR) {
                continue;
            }
            return false;
        }
        if (before.kinds[7] != StackSlot.INVALID && before.kinds[7] != after.kinds[7]) {
            return !before.isSpill() && !before.isSpecial();
        }
        if (before.isSpill()) {
            return regs(before.spilled, after.spilled, level);
        }
        if (before.is(StackSlot.DYNPTR)) {
            Reg a = before.spilled;
            Reg b = after.spilled;
            return a.dynptr == b.dynptr
                    && a.firstSlot == b.firstSlot
                    && a.flags == b.flags
                    && ids.same(a.id, b.id)
                    && ids.same(a.refId, b.refId);
        }
        if (before.is(StackSlot.ITER)) {
            Reg a = before.spilled;
            Reg b = after.spilled;
            return Objects.equals(a.iter, b.iter)
                    && a.iterDrained == b.iterDrained
                    && a.flags == b.flags
                    && ids.same(a.refId, b.refId);
        }
        if (before.is(StackSlot.IRQ_FLAG)) {
            return before.spilled.irqByLock == after.spilled.irqByLock
                    && ids.same(before.spilled.refId, after.spilled.refId);
        }
        return true;
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.util.List;

/**
 * Finds the scalars that a decision depended on, by walking a path backwards from it, and marks
 * them precise in the states on the way: only precise scalars are compared when states are. Kernel:
 * {@code mark_chain_precision}. Where the way back is lost, all scalars of the path become precise,
 * which is always right and only prunes less.
 */
final class Precision {
    private static final int ARGUMENTS = 0x3e;

    private final Env env;
    private final int[] regs = new int[State.MAX_FRAMES];
    private final long[] slots = new long[State.MAX_FRAMES];
    private int frame;
    private boolean changed;

    Precision(Env env) {
        this.env = env;
    }

    /** The exact range of a register of the current state matters. */
    void mark(int reg) {
        State from = env.state;
        if (!from.reg(reg).isScalar()) {
            return;
        }
        reset(from.current);
        regs[frame] |= 1 << reg;
        walk(from, env.insn);
    }

    /** A spilled scalar's exact range matters. */
    void markSlot(int frameno, int slot) {
        reset(env.state.current);
        slots[frameno] |= 1L << slot;
        walk(env.state, env.insn);
    }

    /**
     * A path ends in a state that equals an older one: what was precise there is precise here.
     *
     * @return whether a mark was new
     */
    boolean propagate(State old, State now) {
        reset(now.current);
        for (int f = 0; f <= old.current; f++) {
            for (int i = 0; i < Frame.FP; i++) {
                Reg reg = old.frames[f].regs[i];
                if (reg.isScalar() && reg.precise) {
                    regs[f] |= 1 << i;
                }
            }
            List<StackSlot> stack = old.frames[f].slots;
            for (int i = 0; i < stack.size(); i++) {
                StackSlot slot = stack.get(i);
                if (slot.isScalarSpill() && slot.spilled.precise) {
                    slots[f] |= 1L << i;
                }
            }
        }
        changed = false;
        walk(now, now.insn);
        return changed;
    }

    private void reset(int current) {
        frame = current;
        for (int i = 0; i < State.MAX_FRAMES; i++) {
            regs[i] = 0;
            slots[i] = 0;
        }
    }

    private boolean isEmpty() {
        for (int i = 0; i < State.MAX_FRAMES; i++) {
            if (regs[i] != 0 || slots[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private void walk(State start, int at) {
        State state = start;
        int last = at;
        int first = start.firstInsn;
        int later = -1;
        boolean skip = true;
        while (true) {
            if (isEmpty()) {
                return;
            }
            if (last < 0) {
                // entry of a function that is verified by itself
                enter(state);
                if (!isEmpty()) {
                    markAll(start);
                }
                return;
            }
            List<HistoryEntry> history = state.history;
            int cursor = history.size();
            int insn = last;
            while (true) {
                if (skip) {
                    skip = false;
                } else {
                    HistoryEntry entry =
                            cursor > 0 && history.get(cursor - 1).insn == insn
                                    ? history.get(cursor - 1)
                                    : null;
                    if (!back(insn, later, entry)) {
                        markAll(start);
                        return;
                    }
                    if (isEmpty()) {
                        return;
                    }
                }
                later = insn;
                if (insn == state.firstInsn
                        && (cursor == 0 || (cursor == 1 && history.get(0).insn == insn))) {
                    break;
                }
                if (cursor > 0 && history.get(cursor - 1).insn == insn) {
                    insn = history.get(cursor - 1).previous;
                    cursor--;
                } else {
                    insn--;
                }
                if (insn < 0) {
                    markAll(start);
                    return;
                }
            }
            state = state.parent;
            if (state == null) {
                markAll(start);
                return;
            }
            settle(state);
            later = first;
            last = state.lastInsn;
            first = state.firstInsn;
        }
    }

    private void enter(State state) {
        Frame entry = state.frames[0];
        for (int i = 1; i <= Env.MAX_ARGS; i++) {
            if ((regs[0] & 1 << i) != 0) {
                regs[0] &= ~(1 << i);
                if (entry.regs[i].isScalar()) {
                    changed |= !entry.regs[i].precise;
                    entry.regs[i].precise = true;
                }
            }
        }
    }

    /** Marks what is still looked for in a state on the way. */
    private void settle(State state) {
        for (int f = frame; f >= 0; f--) {
            if (f > state.current) {
                regs[f] = 0;
                slots[f] = 0;
                continue;
            }
            Frame in = state.frames[f];
            for (int i = 0; i < Frame.FP; i++) {
                if ((regs[f] & 1 << i) == 0) {
                    continue;
                }
                Reg reg = in.regs[i];
                if (!reg.isScalar() || reg.precise) {
                    regs[f] &= ~(1 << i);
                } else {
                    reg.precise = true;
                    changed = true;
                }
            }
            for (long left = slots[f]; left != 0; left &= left - 1) {
                int i = Long.numberOfTrailingZeros(left);
                if (i >= in.slots.size() || !in.slots.get(i).isScalarSpill()) {
                    slots[f] &= ~(1L << i);
                } else if (in.slots.get(i).spilled.precise) {
                    slots[f] &= ~(1L << i);
                } else {
                    in.slots.get(i).spilled.precise = true;
                    changed = true;
                }
            }
        }
    }

    /** Every scalar on the way is precise from now on. */
    void markAll(State from) {
        for (State state = from.parent; state != null; state = state.parent) {
            state.forEachReg(
                    reg -> {
                        if (reg.isScalar() && !reg.precise) {
                            reg.precise = true;
                            changed = true;
                        }
                    });
        }
        reset(from.current);
    }

    private boolean has(int reg) {
        return (regs[frame] & 1 << reg) != 0;
    }

    private void want(int reg) {
        if (reg != Frame.FP) {
            regs[frame] |= 1 << reg;
        }
    }

    private void found(int reg) {
        regs[frame] &= ~(1 << reg);
    }

    /** If one of a set of linked scalars is looked for, all are. */
    private void syncLinked(HistoryEntry entry) {
        if (entry == null || entry.linked == null) {
            return;
        }
        boolean any = false;
        for (int link : entry.linked) {
            int f = link >>> 16;
            int index = link & 0x7fff;
            any |=
                    (link & 0x8000) != 0
                            ? (slots[f] & 1L << index) != 0
                            : (regs[f] & 1 << index) != 0;
        }
        if (!any) {
            return;
        }
        for (int link : entry.linked) {
            int f = link >>> 16;
            int index = link & 0x7fff;
            if ((link & 0x8000) != 0) {
                slots[f] |= 1L << index;
            } else {
                regs[f] |= 1 << index;
            }
        }
    }

    /**
     * Goes back over one instruction.
     *
     * @param later the instruction that was executed after it, or -1
     * @return false where the way is lost
     */
    private boolean back(int at, int later, HistoryEntry entry) {
        Insn insn = env.code[at];
        if (insn == null) {
            return true;
        }
        syncLinked(entry);
        int dst = insn.dst();
        int src = insn.src();
        switch (insn.opcode().kind()) {
            case ALU -> backAlu(insn, dst, src);
            case ADDR_SPACE_CAST -> found(dst);
            case LDX, LDSX, LOAD_ACQUIRE -> backLoad(dst, entry);
            case ATOMIC -> {
                switch ((Atomic) insn.opcode().operation()) {
                    case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> {
                        if (has(src)) {
                            backLoad(src, entry);
                        } else {
                            return backStore(dst, src, true, entry);
                        }
                    }
                    case CMPXCHG -> {
                        if (has(0)) {
                            backLoad(0, entry);
                        } else {
                            return backStore(dst, src, true, entry);
                        }
                    }
                    default -> {
                        return backStore(dst, src, true, entry);
                    }
                }
            }
            case ST -> {
                return backStore(dst, src, false, entry);
            }
            case STX, STORE_RELEASE -> {
                return backStore(dst, src, true, entry);
            }
            case CALL_SUBPROG -> {
                return backSubprogCall(at, later);
            }
            case CALL_HELPER, CALL_KFUNC -> {
                if (env.layout.callsCallback.get(at) && later != at + 1) {
                    return leaveCallback();
                }
                found(0);
                if ((regs[frame] & ARGUMENTS) != 0) {
                    return false;
                }
            }
            case CALLX -> {
                return false;
            }
            case EXIT -> {
                return backExit(later);
            }
            case JCC -> {
                if (insn.opcode().operand() == Operand.REG && (has(dst) || has(src))) {
                    if (entry == null || !entry.srcIsStack) {
                        want(src);
                    }
                    if (entry == null || !entry.dstIsStack) {
                        want(dst);
                    }
                }
            }
            case LDDW -> found(dst);
            case LD_ABS, LD_IND -> {
                if (has(0)) {
                    return false;
                }
            }
            case JA, JA32, MAY_GOTO -> {}
        }
        syncLinked(entry);
        return true;
    }

    private void backAlu(Insn insn, int dst, int src) {
        if (!has(dst)) {
            return;
        }
        boolean fromReg = insn.opcode().operand() == Operand.REG;
        switch ((Alu) insn.opcode().operation()) {
            case NEG, LE, BE, BSWAP -> {}
            case MOV, MOVSX8, MOVSX16, MOVSX32 -> {
                found(dst);
                if (fromReg) {
                    want(src);
                }
            }
            default -> {
                if (fromReg) {
                    want(src);
                }
            }
        }
    }

    private void backLoad(int dst, HistoryEntry entry) {
        if (!has(dst)) {
            return;
        }
        found(dst);
        if (entry != null && entry.stackAccess) {
            slots[entry.frame] |= 1L << entry.slot;
        }
    }

    private boolean backStore(int dst, int src, boolean fromReg, HistoryEntry entry) {
        if (has(dst)) {
            return false;
        }
        if (entry == null || !entry.stackAccess || (slots[entry.frame] & 1L << entry.slot) == 0) {
            return true;
        }
        slots[entry.frame] &= ~(1L << entry.slot);
        if (fromReg) {
            want(src);
        }
        return true;
    }

    private boolean backSubprogCall(int at, int later) {
        Layout.Subprog callee = env.layout.at(Layout.callTarget(env.code[at]));
        if (callee.global) {
            found(0);
            return (regs[frame] & ARGUMENTS) == 0;
        }
        if (later == at + 1) {
            return false;
        }
        // the callee is left at its entry: only arguments may still be looked for
        if (frame == 0 || (regs[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
            return false;
        }
        int arguments = regs[frame];
        regs[frame] = 0;
        frame--;
        regs[frame] |= arguments;
        return true;
    }

    private boolean leaveCallback() {
        if (frame == 0 || (regs[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
            return false;
        }
        regs[frame] = 0;
        frame--;
        return true;
    }

    private boolean backExit(int later) {
        if (later >= 0 && env.layout.callsCallback.get(later)) {
            regs[frame] &= ~ARGUMENTS;
        }
        if ((regs[frame] & ARGUMENTS) != 0) {
            return false;
        }
        boolean result =
                later > 0
                        && env.code[later - 1] != null
                        && env.code[later - 1].opcode().kind() == Kind.CALL_SUBPROG
                        && has(0);
        found(0);
        if (frame + 1 >= State.MAX_FRAMES) {
            return false;
        }
        frame++;
        if (result) {
            want(0);
        }
        return true;
    }
}

package org.trufflebpf.verifier;

import java.util.List;

/**
 * Finds the scalars that a decision depended on, by walking a path backwards from it, and marks
 * them precise in the states on the way: only precise scalars are compared when states are. Kernel:
 * {@code mark_chain_precision}. Where the way back is lost, all scalars of the path become precise,
 * which is always right and only prunes less.
 */
final class Precision {
    private final Env env;
    private final Backtrack sought;
    private final Trail trail;
    private boolean changed;

    Precision(Env env) {
        this.env = env;
        this.sought = new Backtrack(env);
        this.trail = new Trail(env.code.length);
    }

    /** The exact range of a register of the current state matters. */
    void mark(int reg) {
        State from = env.state;
        if (!from.reg(reg).isScalar()) {
            return;
        }
        sought.reset(from.current);
        sought.regs[from.current] |= 1 << reg;
        walk(from, env.insn);
    }

    /** A spilled scalar's exact range matters. */
    void markSlot(int frameno, int slot) {
        sought.reset(env.state.current);
        sought.slots[frameno] |= 1L << slot;
        walk(env.state, env.insn);
    }

    /**
     * A path ends in a state that equals an older one: what was precise there is precise here.
     *
     * @return whether a mark was new
     */
    boolean propagate(State old, State now) {
        sought.reset(now.current);
        for (int f = 0; f <= old.current; f++) {
            for (int i = 0; i < Frame.FP; i++) {
                Reg reg = old.frames[f].regs[i];
                if (reg.isScalar() && reg.precise) {
                    sought.regs[f] |= 1 << i;
                }
            }
            List<StackSlot> stack = old.frames[f].slots;
            for (int i = 0; i < stack.size(); i++) {
                StackSlot slot = stack.get(i);
                if (slot.isScalarSpill() && slot.spilled.precise) {
                    sought.slots[f] |= 1L << i;
                }
            }
        }
        changed = false;
        walk(now, now.insn);
        return changed;
    }

    private void walk(State start, int at) {
        State state = start;
        int last = at;
        int first = start.firstInsn;
        int later = -1;
        boolean skip = true;
        trail.of(start);
        while (true) {
            if (sought.isEmpty()) {
                return;
            }
            if (last < 0) {
                // entry of a function that is verified by itself
                enter(state);
                if (!sought.isEmpty()) {
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
                    if (!sought.back(insn, later, entry)) {
                        markAll(start);
                        return;
                    }
                    if (sought.isEmpty()
                            || (state == start && trail.covers(insn, cursor, sought))) {
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
            if ((sought.regs[0] & 1 << i) != 0) {
                sought.regs[0] &= ~(1 << i);
                if (entry.regs[i].isScalar()) {
                    changed |= !entry.regs[i].precise;
                    entry.regs[i].precise = true;
                }
            }
        }
    }

    /** Marks what is still looked for in a state on the way. */
    private void settle(State state) {
        for (int f = sought.frame; f >= 0; f--) {
            if (f > state.current) {
                sought.regs[f] = 0;
                sought.slots[f] = 0;
                continue;
            }
            Frame in = state.frames[f];
            for (int i = 0; i < Frame.FP; i++) {
                if ((sought.regs[f] & 1 << i) == 0) {
                    continue;
                }
                Reg reg = in.regs[i];
                if (!reg.isScalar() || reg.precise) {
                    sought.regs[f] &= ~(1 << i);
                } else {
                    reg.precise = true;
                    changed = true;
                }
            }
            for (long left = sought.slots[f]; left != 0; left &= left - 1) {
                int i = Long.numberOfTrailingZeros(left);
                if (i >= in.slots.size() || !in.slots.get(i).isScalarSpill()) {
                    sought.slots[f] &= ~(1L << i);
                } else if (in.slots.get(i).spilled.precise) {
                    sought.slots[f] &= ~(1L << i);
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
        sought.reset(from.current);
    }
}

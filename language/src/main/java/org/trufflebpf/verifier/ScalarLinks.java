package org.trufflebpf.verifier;

import org.trufflebpf.insn.Opcode.Alu;

import java.util.ArrayList;
import java.util.List;

/**
 * Scalars that are copies of each other, or were moved from there by a constant: what a comparison
 * tells of one holds for all. They share an id ({@link Reg#id}). Kernel: {@code
 * collect_linked_regs}, {@code sync_linked_regs}.
 */
final class ScalarLinks {
    private static final int MAX_LINKED = 6;

    private final Env env;

    ScalarLinks(Env env) {
        this.env = env;
    }

    /** Gives a scalar an id before it is copied, so that both learn from comparisons of one. */
    void beforeCopy(Reg reg) {
        if (!reg.isScalar()) {
            return;
        }
        if ((reg.id & Reg.ADD_CONST) != 0) {
            reg.id = 0;
            reg.off = 0;
        }
        if (reg.id == 0 && !reg.isConst()) {
            reg.id = env.newId();
        }
    }

    static void unlink(Reg reg) {
        reg.id = 0;
        reg.off = 0;
    }

    /** A number that was copied is linked with the copy still, once it is moved by a constant. */
    static void move(Alu op, boolean narrow, Reg dst, long by) {
        long value = narrow ? (int) by : by;
        long delta = op == Alu.ADD ? value : -value;
        if ((dst.id & Reg.ADD_CONST) != 0 || value != (int) value || delta != (int) delta) {
            unlink(dst);
        } else {
            dst.id |= narrow ? Reg.ADD_CONST32 : Reg.ADD_CONST64;
            dst.off = (int) delta;
        }
    }

    /** The places of all scalars that are linked with one of two, at most so many. */
    List<Integer> of(Reg dst, Reg src) {
        List<Integer> found = new ArrayList<>();
        if (src != null && src.isScalar() && src.id != 0) {
            collect(src.id, found);
        }
        if (dst.isScalar() && dst.id != 0) {
            collect(dst.id, found);
        }
        return found;
    }

    private void collect(int id, List<Integer> found) {
        int wanted = id & ~Reg.ADD_CONST;
        for (int f = env.state.current; f >= 0; f--) {
            Frame frame = env.state.frames[f];
            for (int i = 0; i < Frame.FP; i++) {
                collect(frame.regs[i], wanted, f << 16 | i, found);
            }
            for (int i = 0; i < frame.slots.size(); i++) {
                StackSlot slot = frame.slots.get(i);
                if (slot.isSpill()) {
                    collect(slot.spilled, wanted, f << 16 | 0x8000 | i, found);
                }
            }
        }
    }

    /** What does not fit in the list any more is linked no longer. */
    private static void collect(Reg reg, int wanted, int place, List<Integer> found) {
        if (!reg.isScalar() || (reg.id & ~Reg.ADD_CONST) != wanted || found.contains(place)) {
            return;
        }
        if (found.size() < MAX_LINKED) {
            found.add(place);
        } else {
            unlink(reg);
        }
    }

    /** What a comparison told of one scalar goes for those that are linked with it. */
    static void sync(State state, Reg known, List<Integer> linked) {
        Scalar range = new Scalar();
        range.copyRange(known);
        for (int place : linked) {
            Frame frame = state.frames[place >>> 16];
            int index = place & 0x7fff;
            Reg reg = (place & 0x8000) != 0 ? frame.slots.get(index).spilled : frame.regs[index];
            if (!reg.isScalar()
                    || reg == known
                    || (reg.id & ~Reg.ADD_CONST) != (known.id & ~Reg.ADD_CONST)) {
                continue;
            }
            int moved = (reg.id | known.id) & Reg.ADD_CONST;
            if (moved == Reg.ADD_CONST) {
                // a sum that wraps and one that does not say nothing of each other
                continue;
            }
            if (moved == 0 || reg.off == known.off) {
                reg.copyRange(range);
            } else {
                Scalar delta = new Scalar();
                delta.setConst((long) reg.off - known.off);
                reg.copyRange(range);
                ScalarAlu.apply(Alu.ADD, moved == Reg.ADD_CONST32, reg, delta);
            }
        }
    }
}

package org.trufflebpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * All that is known at one point of one path: the frames and what is held (kernel:
 * bpf_verifier_state). States form a tree by {@code parent}; {@code branches} counts the paths from
 * here that are not finished.
 */
final class State {
    static final int MAX_FRAMES = 8;

    final Frame[] frames = new Frame[MAX_FRAMES];
    int current;
    List<Ref> refs = new ArrayList<>();
    int activeLocks;
    int activeLockId;
    Object activeLockObject;
    int preemptLocks;
    int rcuLocks;
    int activeIrq;
    boolean sleepable;

    State parent;
    int branches;
    int insn;
    int firstInsn;
    int lastInsn;
    List<HistoryEntry> history = new ArrayList<>();
    int depth;
    int callbackUnrollDepth;
    int mayGotoDepth;
    boolean cleaned;
    int hits;
    int misses;

    State() {}

    /** The same frames and holdings; the place in the tree too. */
    State(State from) {
        copyContents(from);
        parent = from.parent;
        branches = from.branches;
        insn = from.insn;
        firstInsn = from.firstInsn;
        lastInsn = from.lastInsn;
        for (HistoryEntry entry : from.history) {
            history.add(entry.copy());
        }
        depth = from.depth;
    }

    private void copyContents(State from) {
        current = from.current;
        for (int i = 0; i <= current; i++) {
            frames[i] = new Frame(from.frames[i]);
        }
        refs = new ArrayList<>(from.refs);
        activeLocks = from.activeLocks;
        activeLockId = from.activeLockId;
        activeLockObject = from.activeLockObject;
        preemptLocks = from.preemptLocks;
        rcuLocks = from.rcuLocks;
        activeIrq = from.activeIrq;
        sleepable = from.sleepable;
        callbackUnrollDepth = from.callbackUnrollDepth;
        mayGotoDepth = from.mayGotoDepth;
    }

    Frame frame() {
        return frames[current];
    }

    Reg reg(int number) {
        return frames[current].regs[number];
    }

    /** Each register of each frame, spilled ones too. */
    void forEachReg(Consumer<Reg> action) {
        for (int f = 0; f <= current; f++) {
            for (Reg reg : frames[f].regs) {
                action.accept(reg);
            }
            for (StackSlot slot : frames[f].slots) {
                if (slot.isSpill()) {
                    action.accept(slot.spilled);
                }
            }
        }
    }

    /** The instruction that a frame is at: the current one, or the call of the next frame. */
    int insnOf(int frame) {
        return frame == current ? insn : frames[frame + 1].callSite;
    }

    Ref ref(int id) {
        for (Ref ref : refs) {
            if (ref.id() == id) {
                return ref;
            }
        }
        return null;
    }

    boolean holdsPointer(int id) {
        Ref ref = ref(id);
        return ref != null && ref.kind() == Ref.Kind.POINTER;
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.FrameDescriptor;
import com.oracle.truffle.api.frame.FrameSlotKind;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;

import org.trufflebpf.runtime.Run;

/**
 * The registers of a function: static {@code long} slots of its frame, one for each of r0 to r10,
 * and one for the count of {@code may_goto}. The only class that knows the slots.
 */
final class Registers {
    static final int COUNT = 11;
    static final int R0 = 0;
    static final int FRAME_POINTER = 10;
    private static final int MAY_GOTO = 11;

    /** Where the interpreter has a zero, the register of instructions that have an immediate. */
    static final int ZERO = 12;

    /** In the state of a function with regions: the block to go on with. */
    static final int NEXT_BLOCK = MAY_GOTO + 1;

    static final int STATE_SIZE = NEXT_BLOCK + 1;

    private Registers() {}

    static FrameDescriptor descriptor() {
        FrameDescriptor.Builder builder = FrameDescriptor.newBuilder();
        builder.addSlots(COUNT + 1, FrameSlotKind.Static);
        return builder.build();
    }

    static long get(VirtualFrame frame, int register) {
        return frame.getLongStatic(register);
    }

    static void set(VirtualFrame frame, int register, long value) {
        frame.setLongStatic(register, value);
    }

    /** Fills the registers at the entry of a function. */
    static void enter(VirtualFrame frame) {
        Object[] arguments = frame.getArguments();
        set(frame, R0, 0);
        for (int i = 1; i <= 5; i++) {
            set(frame, i, (long) arguments[Arguments.FRAME_POINTER + i]);
        }
        for (int i = 6; i < FRAME_POINTER; i++) {
            set(frame, i, 0);
        }
        set(frame, FRAME_POINTER, (long) arguments[Arguments.FRAME_POINTER]);
        frame.setLongStatic(MAY_GOTO, Run.MAX_LOOPS);
    }

    /**
     * Copies the registers to where the regions of a function find them.
     *
     * @param state {@link #STATE_SIZE} numbers
     */
    @ExplodeLoop
    static void save(VirtualFrame frame, long[] state) {
        for (int i = 0; i <= MAY_GOTO; i++) {
            state[i] = frame.getLongStatic(i);
        }
    }

    /** Fills the registers at the entry of a region. */
    @ExplodeLoop
    static void restore(VirtualFrame frame, long[] state) {
        for (int i = 0; i <= MAY_GOTO; i++) {
            frame.setLongStatic(i, state[i]);
        }
    }

    /** Counts one iteration of a may_goto loop; false when none is left. */
    static boolean countIteration(VirtualFrame frame) {
        long left = frame.getLongStatic(MAY_GOTO);
        if (left == 0) {
            return false;
        }
        frame.setLongStatic(MAY_GOTO, left - 1);
        return true;
    }
}

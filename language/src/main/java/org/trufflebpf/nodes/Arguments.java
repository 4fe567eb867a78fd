package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.runtime.Run;

/**
 * The arguments of every call target: the run, the program's binding, r10, r1 to r5, and a place
 * for OSR.
 */
final class Arguments {
    static final int RUN = 0;
    static final int BINDING = 1;
    static final int FRAME_POINTER = 2;

    /** In place of r10 where a region is called: {@link Registers#save}. */
    private static final int STATE = 2;

    /** Kept free for the frame that OSR leaves. */
    static final int PARENT_FRAME = 8;

    private Arguments() {}

    static Run run(VirtualFrame frame) {
        return (Run) frame.getArguments()[RUN];
    }

    static BoundProgram binding(VirtualFrame frame) {
        return (BoundProgram) frame.getArguments()[BINDING];
    }

    static long[] state(VirtualFrame frame) {
        return (long[]) frame.getArguments()[STATE];
    }

    /** The arguments of a region. */
    static Object[] ofRegion(VirtualFrame frame, long[] state) {
        Object[] result = new Object[PARENT_FRAME + 1];
        result[RUN] = run(frame);
        result[BINDING] = frame.getArguments()[BINDING];
        result[STATE] = state;
        return result;
    }

    static Object[] of(
            Run run,
            BoundProgram binding,
            long framePointer,
            long r1,
            long r2,
            long r3,
            long r4,
            long r5) {
        return new Object[] {run, binding, framePointer, r1, r2, r3, r4, r5, null};
    }
}

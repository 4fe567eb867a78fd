package org.trufflebpf.verifier;

/**
 * What was looked for at each place of the path since the last remembered state. A way back that
 * looks for no more than others did ends there: what it would mark is marked. So code without
 * branches is gone back over once, not once for each access in it.
 */
final class Trail {
    private final int[] regs;
    private final long[] slots;

    /** Entries of the history that lie before the place; with it a place is met once in a path. */
    private final int[] cursors;

    /** The stretch of a path that the above is of. */
    private final int[] stretches;

    private int stretch;
    private State state;
    private State parent;

    Trail(int insns) {
        regs = new int[insns];
        slots = new long[insns];
        cursors = new int[insns];
        stretches = new int[insns];
    }

    /** Begins anew, unless the path still goes on from the same remembered state. */
    void of(State start) {
        if (state != start || parent != start.parent) {
            state = start;
            parent = start.parent;
            stretch++;
        }
    }

    /** Whether all that is sought before an instruction was sought there already; it is now. */
    boolean covers(int insn, int cursor, Backtrack sought) {
        int frame = sought.frame;
        for (int f = 0; f < State.MAX_FRAMES; f++) {
            if (f != frame && (sought.regs[f] != 0 || sought.slots[f] != 0)) {
                return false;
            }
        }
        if (stretches[insn] != stretch || cursors[insn] != cursor) {
            stretches[insn] = stretch;
            cursors[insn] = cursor;
            regs[insn] = 0;
            slots[insn] = 0;
        }
        boolean covered =
                (sought.regs[frame] & ~regs[insn]) == 0
                        && (sought.slots[frame] & ~slots[insn]) == 0;
        regs[insn] |= sought.regs[frame];
        slots[insn] |= sought.slots[frame];
        return covered;
    }
}

package org.trufflebpf.verifier;

/**
 * A step that the way back needs to know: where it came from, which stack slot the instruction
 * accessed, which scalars were linked.
 */
final class HistoryEntry {
    final int insn;
    final int previous;
    boolean stackAccess;
    int frame;
    int slot;
    boolean srcIsStack;
    boolean dstIsStack;

    /** Linked scalars, each {@code frame << 16 | spill << 15 | index}; {@code null} for none. */
    int[] linked;

    HistoryEntry(int insn, int previous) {
        this.insn = insn;
        this.previous = previous;
    }

    HistoryEntry copy() {
        HistoryEntry copy = new HistoryEntry(insn, previous);
        copy.stackAccess = stackAccess;
        copy.frame = frame;
        copy.slot = slot;
        copy.srcIsStack = srcIsStack;
        copy.dstIsStack = dstIsStack;
        copy.linked = linked;
        return copy;
    }
}

package org.trufflebpf.verifier;

import java.util.Arrays;

/** Eight bytes of stack: what each byte is, and the register that was spilled there. */
final class StackSlot {
    static final byte INVALID = 0;
    static final byte SPILL = 1;
    static final byte MISC = 2;
    static final byte ZERO = 3;
    static final byte DYNPTR = 4;
    static final byte ITER = 5;
    static final byte IRQ_FLAG = 6;

    private static final String LETTERS = "?rm0dif";

    final byte[] kinds;
    final Reg spilled;

    StackSlot() {
        kinds = new byte[8];
        spilled = new Reg();
    }

    StackSlot(StackSlot from) {
        kinds = from.kinds.clone();
        spilled = new Reg(from.spilled);
    }

    boolean isSpill() {
        return kinds[7] == SPILL;
    }

    boolean isScalarSpill() {
        return kinds[7] == SPILL && spilled.isScalar();
    }

    boolean isWholeSpill() {
        return kinds[0] == SPILL;
    }

    boolean is(byte kind) {
        return kinds[7] == kind;
    }

    /** Dynptr, iterator, irq flag: not plain bytes. */
    boolean isSpecial() {
        return kinds[7] >= DYNPTR;
    }

    void fill(byte kind) {
        Arrays.fill(kinds, kind);
    }

    void invalidate() {
        fill(INVALID);
        spilled.setNotInit();
    }

    boolean isInvalid() {
        for (byte kind : kinds) {
            if (kind != INVALID) {
                return false;
            }
        }
        return true;
    }

    /** One byte of a spilled register is overwritten: the others are plain bytes from now on. */
    void scrub(int index) {
        if (kinds[index] == SPILL) {
            kinds[index] = MISC;
        }
    }

    String letters() {
        StringBuilder text = new StringBuilder();
        for (int i = 7; i >= 0; i--) {
            text.append(LETTERS.charAt(kinds[7 - i]));
        }
        return text.toString();
    }
}

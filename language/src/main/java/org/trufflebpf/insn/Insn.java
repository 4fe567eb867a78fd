package org.trufflebpf.insn;

/**
 * One decoded instruction (RFC 9669 section 3). The two slots of a 64-bit immediate instruction are
 * one {@code Insn}.
 *
 * @param index position in 8-byte slots from the start of the program; jump offsets count in the
 *     same slots
 * @param opcode the row of the opcode table
 * @param dst destination register, 0 to 10
 * @param src source register, or the sub-code of a call or of lddw
 * @param off signed 16-bit offset
 * @param imm signed 32-bit immediate
 * @param nextImm immediate of the second slot of lddw, else 0
 */
public record Insn(int index, Opcode opcode, int dst, int src, int off, int imm, int nextImm) {
    /** Length of a slot, the unit that {@link #index()} and jump offsets count in. */
    public static final int SLOT_BYTES = 8;

    /** The highest register number; r10 is the frame pointer. */
    public static final int MAX_REGISTER = 10;

    /**
     * An instruction at index 0; the field that selects the row among those of its code byte is
     * filled in.
     */
    public static Insn of(Opcode opcode, int dst, int src, int off, int imm) {
        return new Insn(
                0,
                opcode,
                dst,
                opcode.selector() == Opcode.Selector.SRC ? opcode.selectorValue() : src,
                opcode.selector() == Opcode.Selector.OFF ? opcode.selectorValue() : off,
                opcode.selector() == Opcode.Selector.IMM ? opcode.selectorValue() : imm,
                0);
    }

    /** Number of 8-byte slots: 2 for lddw, else 1. */
    public int slots() {
        return opcode.kind() == Opcode.Kind.LDDW ? 2 : 1;
    }

    /** The 64-bit immediate of lddw. */
    public long imm64() {
        return (imm & 0xffff_ffffL) | ((long) nextImm << 32);
    }

    /** Index of the map that lddw refers to (src 1, 2, 5 and 6), or -1. */
    public int mapIndex() {
        boolean refers =
                opcode.kind() == Opcode.Kind.LDDW && (src == 1 || src == 2 || src == 5 || src == 6);
        return refers ? imm : -1;
    }

    /** Index of the slot behind this instruction. */
    public int next() {
        return index + slots();
    }

    /** Index of the slot that a jump goes to; only for jumps. */
    public int target() {
        return switch (opcode.kind()) {
            case JA32 -> next() + imm;
            case JA, JCC, MAY_GOTO -> next() + off;
            default -> throw new IllegalStateException(opcode + " does not jump");
        };
    }

    /** The same instruction at another place. */
    public Insn at(int newIndex) {
        return new Insn(newIndex, opcode, dst, src, off, imm, nextImm);
    }

    /** The same instruction with other immediates, as relocation makes it. */
    public Insn withImm(int newImm, int newNextImm) {
        return new Insn(index, opcode, dst, src, off, newImm, newNextImm);
    }

    /** The text of {@code llvm-objdump -d} for this instruction. */
    @Override
    public String toString() {
        return Disassembler.text(this);
    }

    /**
     * Whether this is callx as clang 18 and older encoded it, with the register in the immediate.
     * Such an instruction has the register in {@code dst} all the same, and keeps it in {@code imm}
     * too.
     */
    boolean isLegacyCallx() {
        return opcode.kind() == Opcode.Kind.CALLX && imm != 0;
    }
}

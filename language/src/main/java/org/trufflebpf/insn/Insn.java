package org.trufflebpf.insn;

import org.trufflebpf.failure.BpfException;

/**
 * One decoded instruction (RFC 9669 section 3). The two slots of a 64-bit immediate instruction are one {@code Insn}.
 *
 * @param index position in 8-byte slots from the start of the program; jump offsets count in the same slots
 * @param opcode the row of the opcode table
 * @param dst destination register, 0 to 10
 * @param src source register, or the sub-code of a call or of lddw
 * @param off signed 16-bit offset
 * @param imm signed 32-bit immediate
 * @param nextImm immediate of the second slot of lddw, else 0
 */
public record Insn(int index, Opcode opcode, int dst, int src, int off, int imm, int nextImm) {
    /** Number of 8-byte slots: 2 for lddw, else 1. */
    public int slots() {
        return opcode.kind() == Opcode.Kind.LDDW ? 2 : 1;
    }

    /** The 64-bit immediate of lddw. */
    public long imm64() {
        return (imm & 0xffff_ffffL) | ((long) nextImm << 32);
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

    /** Guards a register number read from an encoding. */
    static void checkRegister(int register, String field) {
        if (register > 10) {
            throw BpfException.malformed(
                    org.trufflebpf.failure.Where.UNKNOWN, field + " register r" + register + " does not exist");
        }
    }
}

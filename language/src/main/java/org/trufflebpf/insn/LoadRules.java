package org.trufflebpf.insn;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteOrder;
import java.util.List;

/**
 * What a single well-formed instruction must not do, as the kernel holds programs to at load: write
 * the frame pointer, divide by an immediate zero, shift by an immediate beyond the width. The
 * messages begin as the kernel's do.
 *
 * <p>The kernel asks these rules of the instructions that control can come to; here they are asked
 * of all.
 */
public final class LoadRules {
    private static final int FRAME_POINTER = 10;

    private LoadRules() {}

    /**
     * Checks a program.
     *
     * @param order the byte order in which messages show an instruction
     * @throws BpfException REJECTED
     */
    public static void check(List<Insn> insns, ByteOrder order, Where where) {
        for (Insn insn : insns) {
            String broken = broken(insn);
            if (broken != null) {
                byte[] bytes = InsnEncoder.encode(insn, order);
                throw BpfException.rejected(
                        where.at(insn.index(), where.source()),
                        Disassembler.hex(bytes, 0, bytes.length) + ": " + broken);
            }
        }
    }

    /** The rule that an instruction breaks, in words, or {@code null}. */
    public static String broken(Insn insn) {
        if (writtenRegister(insn) == FRAME_POINTER) {
            return "frame pointer is read only: r10 would be written, expected r0 to r9";
        }
        Opcode row = insn.opcode();
        if (row.kind() != Kind.ALU || row.operand() != Operand.IMM) {
            return null;
        }
        return switch ((Alu) row.operation()) {
            case DIV, SDIV, MOD, SMOD ->
                    insn.imm() == 0 ? "div by zero: imm is 0, expected another number" : null;
            case LSH, RSH, ARSH ->
                    insn.imm() < 0 || insn.imm() >= row.bits()
                            ? "invalid shift " + insn.imm() + ", expected 0 to " + (row.bits() - 1)
                            : null;
            default -> null;
        };
    }

    /**
     * The register named in the encoding that an instruction writes, or -1. Calls and cmpxchg write
     * r0 unnamed.
     */
    private static int writtenRegister(Insn insn) {
        return switch (insn.opcode().kind()) {
            case ALU, ADDR_SPACE_CAST, LDX, LDSX, LDDW, LOAD_ACQUIRE -> insn.dst();
            case ATOMIC ->
                    switch ((Opcode.Atomic) insn.opcode().operation()) {
                        case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> insn.src();
                        case ADD, OR, AND, XOR, CMPXCHG -> -1;
                    };
            default -> -1;
        };
    }
}

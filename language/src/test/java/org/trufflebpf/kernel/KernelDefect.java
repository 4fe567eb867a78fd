package org.trufflebpf.kernel;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Kind;

import java.util.List;

/**
 * Keeps programs out of the running kernel that crash the verifier of Linux 6.18: an {@code and} or
 * {@code or} with a constant where it knows a number to be 0 or -1, as after {@code neg} or an
 * arithmetic shift by all bits. The look is a coarse one: such a number on the way, and the
 * operation within the next instructions.
 */
public final class KernelDefect {
    private static final int REACH = 12;

    private KernelDefect() {}

    /** Whether a program is better not loaded. */
    public static boolean isNear(List<Insn> insns) {
        for (int i = 0; i < insns.size(); i++) {
            if (mayGiveAllBits(insns.get(i))) {
                for (int j = i + 1; j < Math.min(insns.size(), i + REACH); j++) {
                    if (isLogic(insns.get(j))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean mayGiveAllBits(Insn insn) {
        if (insn.opcode().kind() != Kind.ALU) {
            return false;
        }
        Opcode row = insn.opcode();
        boolean imm = row.operand() == Opcode.Operand.IMM;
        return switch ((Alu) row.operation()) {
            case NEG -> true;
            case ARSH -> !imm || insn.imm() >= row.bits() - 1;
            case ADD -> imm && insn.imm() == -1;
            case SUB -> imm && insn.imm() == 1;
            default -> false;
        };
    }

    private static boolean isLogic(Insn insn) {
        return insn.opcode().kind() == Kind.ALU
                && (insn.opcode().operation() == Alu.AND || insn.opcode().operation() == Alu.OR);
    }
}

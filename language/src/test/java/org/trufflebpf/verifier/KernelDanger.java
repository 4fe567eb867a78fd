package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.kernel.KernelDefect;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps changed programs out of the running kernel that may crash its verifier, see {@link
 * KernelDefect}: in place of a look at the instructions the ranges are computed, and nothing is
 * shown to the kernel that comes near.
 */
final class KernelDanger {
    private static final int MAX_STEPS = 200_000;
    private static final int NEAR = 16;
    private static final int BPF_LOOP = 181;

    private KernelDanger() {}

    static boolean isNear(VerifierInput input) {
        if (KernelDefect.isNear(input.program().insns())) {
            return true;
        }
        for (Insn insn : input.program().insns()) {
            if (insn.opcode().kind() == Kind.CALL_HELPER && insn.imm() == BPF_LOOP) {
                return true;
            }
        }
        boolean[] near = {false};
        Insn[] code = new Insn[input.program().insns().getLast().next()];
        input.program().insns().forEach(insn -> code[insn.index()] = insn);
        Verdict verdict =
                Verifier.verify(
                        input,
                        new VerifierOptions(0, MAX_STEPS, 0),
                        (index, state) -> near[0] |= isLogicNearZero(code[index], state));
        return near[0] || (!verdict.accepted() && mayBeNear(input.program().insns()));
    }

    /** What lies behind a refusal was not walked: there, only what is plainly harmless is. */
    private static boolean mayBeNear(List<Insn> insns) {
        Set<Integer> targets = new HashSet<>();
        for (Insn insn : insns) {
            switch (insn.opcode().kind()) {
                case JA, JA32, JCC, MAY_GOTO -> targets.add(insn.target());
                default -> {}
            }
        }
        for (int i = 0; i < insns.size(); i++) {
            Insn insn = insns.get(i);
            if (isLogic(insn)
                    && (insn.opcode().operand() != Operand.IMM
                            || !isSmall(insns, targets, i, insn.dst()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a register surely holds no negative number, of 64 bits and of 32, before a place. */
    private static boolean isSmall(List<Insn> insns, Set<Integer> targets, int at, int register) {
        for (int i = at; i > 0 && !targets.contains(insns.get(i).index()); i--) {
            Insn before = insns.get(i - 1);
            switch (before.opcode().kind()) {
                case ALU -> {
                    if (before.dst() == register) {
                        return before.opcode().operand() == Operand.IMM
                                && before.imm() >= 0
                                && (before.opcode().operation() == Alu.AND
                                        || before.opcode().operation() == Alu.MOV);
                    }
                }
                case LDX -> {
                    if (before.dst() == register) {
                        return before.opcode().bits() <= 16;
                    }
                }
                case ST, STX, JCC -> {}
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    private static boolean isLogic(Insn insn) {
        return insn.opcode().kind() == Kind.ALU
                && (insn.opcode().operation() == Alu.AND || insn.opcode().operation() == Alu.OR);
    }

    private static boolean isLogicNearZero(Insn insn, State state) {
        if (!isLogic(insn)) {
            return false;
        }
        return isNearZero(state.reg(insn.dst()))
                || (insn.opcode().operand() == Operand.REG && isNearZero(state.reg(insn.src())));
    }

    /** Negative numbers and others, in a narrow range. */
    private static boolean isNearZero(Reg reg) {
        return reg.isScalar()
                && ((reg.smin < 0 && reg.smax >= 0 && reg.smin >= -NEAR && reg.smax <= NEAR)
                        || (reg.s32min < 0
                                && reg.s32max >= 0
                                && reg.s32min >= -NEAR
                                && reg.s32max <= NEAR));
    }
}

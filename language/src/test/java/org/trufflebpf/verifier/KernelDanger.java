package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.kernel.KernelDefect;

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
        return near[0] || !verdict.accepted();
    }

    private static boolean isLogicNearZero(Insn insn, State state) {
        if (insn.opcode().kind() != Kind.ALU
                || (insn.opcode().operation() != Alu.AND && insn.opcode().operation() != Alu.OR)) {
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

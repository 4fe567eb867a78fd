package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;

import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Where;

import java.util.List;

/** Jumps stay in the program and meet instructions. */
class JumpRulesTest {
    private static final Where WHERE = Where.UNKNOWN.inProgram("f");

    @Test
    void jumpsInsideAreFine() {
        Asm asm =
                Asm.program()
                        .label("start")
                        .jeq(R1, 0, "end")
                        .lddw(R0, 1)
                        .gotol("end")
                        .mayGoto("start")
                        .ja("start")
                        .label("end")
                        .exit();
        assertDoesNotThrow(() -> InsnDecoder.checkJumps(asm.insns(), WHERE));
    }

    @Test
    void aSubprogramMayStartAnywhere() {
        List<Insn> insns = Asm.program().label("a").jeq(R1, 0, "a").exit().insns();
        List<Insn> moved = insns.stream().map(insn -> insn.at(insn.index() + 100)).toList();
        assertDoesNotThrow(() -> InsnDecoder.checkJumps(moved, WHERE));
    }

    @Test
    void jumpsOutsideAreRefused() {
        refused(
                "program f: insn 0: jump out of range from insn 0 to 2: goto +0x1, expected 0 to 1",
                Asm.program().op(Opcode.JA, 0, 0, 1, 0).exit());
        refused(
                "program f: insn 0: jump out of range from insn 0 to -1: if r1 == 0x5 goto -0x2,"
                        + " expected 0 to 1",
                Asm.program().op(Opcode.JEQ64_IMM, 1, 0, -2, 5).exit());
        refused(
                "program f: insn 0: jump out of range from insn 0 to 2147483648: gotol +0x7fffffff,"
                        + " expected 0 to 1",
                Asm.program().op(Opcode.JA32, 0, 0, 0, Integer.MAX_VALUE).exit());
        refused(
                "program f: insn 0: jump out of range from insn 0 to 32768: may_goto +0x7fff,"
                        + " expected 0 to 1",
                Asm.program().op(Opcode.MAY_GOTO, 0, 0, 0x7fff, 0).exit());
    }

    @Test
    void theMiddleOfLddwIsNoTarget() {
        refused(
                "program f: insn 0: jump into the middle of ldimm64 insn 1: goto +0x1, "
                        + "expected the first slot of an instruction",
                Asm.program().op(Opcode.JA, 0, 0, 1, 0).lddw(R0, 1).exit());
    }

    @Test
    void theEndIsAnExitOrJump() {
        BpfException refusal =
                refused(
                        "program f: insn 0: last insn is not an exit or jmp: it is r0 = 0x0, "
                                + "and control would leave the program",
                        Asm.program().mov64(R0, 0));
        assertEquals(Failure.REJECTED, refusal.failure());
        refused(
                "program f: the program has no instructions, expected at least an exit",
                Asm.program());
    }

    @Test
    void callsMeetInstructions() {
        Asm good = Asm.program().callSubprog("f").lddwFunction(R1, "f").exit().label("f").exit();
        assertDoesNotThrow(() -> JumpRules.checkCalls(good.insns(), WHERE));
        refusedCall("program f: insn 0: call to invalid destination: call 0x1 goes to insn 2", 1);
        refusedCall("program f: insn 0: call to invalid destination: call 0x3 goes to insn 4", 3);
        refusedCall(
                "program f: insn 0: call to invalid destination: call -0x2 goes to insn -1", -2);
        refusedCall(
                "program f: insn 0: call to invalid destination: call 0x7fffffff goes to insn"
                        + " 2147483648",
                Integer.MAX_VALUE);
    }

    /** A call in front of a lddw and an exit. */
    private static void refusedCall(String message, int distance) {
        List<Insn> insns =
                Asm.program().op(Opcode.CALL_SUBPROG, 0, 1, 0, distance).lddw(R0, 1).exit().insns();
        BpfException refusal =
                assertThrows(BpfException.class, () -> JumpRules.checkCalls(insns, WHERE));
        assertEquals(message + ", expected an instruction of the program", refusal.describe());
    }

    private static BpfException refused(String message, Asm asm) {
        BpfException refusal =
                assertThrows(BpfException.class, () -> InsnDecoder.checkJumps(asm.insns(), WHERE));
        assertEquals(message, refusal.describe());
        return refusal;
    }
}

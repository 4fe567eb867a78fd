package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.ProgramGenerator.Profile;
import org.trufflebpf.insn.ProgramGenerator.Program;

import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Generated programs are valid, end, differ, and reach every row that they may use. */
class ProgramGeneratorTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final int PROGRAMS = 500;

    @ParameterizedTest
    @EnumSource(Profile.class)
    void programsAreValidAndEnd(Profile profile) {
        Set<Long> results = new HashSet<>();
        for (long seed = 0; seed < PROGRAMS; seed++) {
            Program program = ProgramGenerator.generate(seed, profile);
            List<Insn> insns = InsnDecoder.decode(program.code(), LITTLE, Where.UNKNOWN);
            InsnDecoder.checkJumps(insns, Where.UNKNOWN);
            assertEquals(program.insns(), insns);
            long result = run(program);
            assertEquals(result & 0xffff_ffffL, result, program::toString);
            results.add(result);
        }
        assertTrue(
                results.size() > PROGRAMS * 9 / 10,
                "only " + results.size() + " different results");
    }

    @Test
    void theSameSeedMakesTheSameProgram() {
        Program first = ProgramGenerator.generate(7, Profile.ENGINE);
        Program second = ProgramGenerator.generate(7, Profile.ENGINE);
        Program other = ProgramGenerator.generate(8, Profile.ENGINE);
        assertArrayEquals(first.code(), second.code());
        assertNotEquals(first.insns(), other.insns());
        assertEquals(run(first), run(second));
        assertArrayEquals(ProgramGenerator.memory(7), ProgramGenerator.memory(7));
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void everyRowIsReached(Profile profile) {
        Set<Opcode> rows = EnumSet.noneOf(Opcode.class);
        for (long seed = 0; seed < PROGRAMS; seed++) {
            ProgramGenerator.generate(seed, profile)
                    .insns()
                    .forEach(insn -> rows.add(insn.opcode()));
        }
        for (Opcode row : Opcode.values()) {
            boolean left =
                    switch (row.kind()) {
                        // what they do depends on more than registers and memory
                        case CALL_HELPER, CALL_KFUNC, CALLX, LD_ABS, LD_IND, ADDR_SPACE_CAST ->
                                true;
                        case ALU -> profile == Profile.KERNEL && row.operation() == Opcode.Alu.NEG;
                        default -> false;
                    };
            assertEquals(!left, rows.contains(row), () -> row + " in " + profile);
        }
    }

    /** See {@link Profile#KERNEL}: what makes the verifier of Linux 6.18 crash. */
    @Test
    void programsForTheKernelMaskOnlyUnknownNumbers() {
        for (long seed = 0; seed < PROGRAMS; seed++) {
            Insn before = null;
            for (Insn insn : ProgramGenerator.generate(seed, Profile.KERNEL).insns()) {
                if (insn.opcode().kind() == Kind.ALU) {
                    Opcode.Alu operation = (Opcode.Alu) insn.opcode().operation();
                    assertFalse(operation == Opcode.Alu.NEG);
                    if (operation == Opcode.Alu.AND || operation == Opcode.Alu.OR) {
                        assertEquals(Opcode.LDX64, before.opcode());
                        assertEquals(insn.dst(), before.dst());
                        assertEquals(9, before.src());
                    }
                }
                before = insn;
            }
        }
    }

    private static long run(Program program) {
        byte[] memory = ProgramGenerator.memory(program.seed());
        return switch (program.profile()) {
            case ENGINE -> Evaluator.run(program.code(), LITTLE, memory);
            case KERNEL -> Evaluator.runXdp(program.code(), LITTLE, memory);
        };
    }
}

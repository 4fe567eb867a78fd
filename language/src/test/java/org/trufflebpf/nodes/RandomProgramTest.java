package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.Evaluator;
import org.trufflebpf.insn.ProgramGenerator;
import org.trufflebpf.insn.ProgramGenerator.Profile;
import org.trufflebpf.insn.ProgramGenerator.Program;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.testing.Mode;
import org.trufflebpf.testing.Seed;

import java.nio.ByteOrder;

/**
 * Random valid programs, compared with {@link Evaluator} in every mode, and with the running
 * kernel.
 */
class RandomProgramTest {
    private static final int XDP = 6;

    private final long seed = Seed.of("RandomProgramTest");

    @Test
    void interpreted() {
        compareWithEvaluator(Mode.INTERPRETED, 600);
    }

    @Test
    void compiled() {
        compareWithEvaluator(Mode.COMPILED, 60);
    }

    @Test
    void osr() {
        compareWithEvaluator(Mode.OSR, 40);
    }

    @Test
    void kernelAgainstInterpreter() {
        compareWithKernel(Mode.INTERPRETED, 300);
    }

    @Test
    void kernelAgainstCompiler() {
        compareWithKernel(Mode.COMPILED, 40);
    }

    @Test
    @Tag("slow")
    void manyInterpreted() {
        compareWithEvaluator(Mode.INTERPRETED, 20_000);
    }

    @Test
    @Tag("slow")
    void manyCompiled() {
        compareWithEvaluator(Mode.COMPILED, 2_000);
    }

    @Test
    @Tag("slow")
    void manyOsr() {
        compareWithEvaluator(Mode.OSR, 1_000);
    }

    @Test
    @Tag("slow")
    void manyAgainstKernel() {
        compareWithKernel(Mode.INTERPRETED, 5_000);
        compareWithKernel(Mode.COMPILED, 1_000);
    }

    private void compareWithEvaluator(Mode mode, int count) {
        try (Guest guest = new Guest(mode)) {
            for (long i = 0; i < count; i++) {
                Program program = ProgramGenerator.generate(seed + i, Profile.ENGINE);
                byte[] memory = ProgramGenerator.memory(seed + i);
                byte[] expected = memory.clone();
                long r0 = Evaluator.run(program.code(), ByteOrder.LITTLE_ENDIAN, expected);
                Value entry = guest.program(program.code());
                // most loops are short: only many runs enter OSR
                int runs = mode == Mode.OSR ? Mode.OSR_STRIDE : 1;
                for (int run = 0; run < runs; run++) {
                    Guest.Result actual = Guest.run(entry, memory);
                    assertEquals(r0, actual.r0(), program::toString);
                    assertArrayEquals(expected, actual.data(), program::toString);
                }
            }
        }
    }

    private void compareWithKernel(Mode mode, int count) {
        Assumptions.assumeTrue(KernelBpf.isPermitted(), KernelBpf::refusal);
        try (Guest guest = new Guest(mode.context().option("ebpf.ProgramType", "xdp").build())) {
            for (long i = 0; i < count; i++) {
                Program program = ProgramGenerator.generate(seed + i, Profile.KERNEL);
                byte[] packet = ProgramGenerator.memory(seed + i);
                int fd = KernelBpf.progLoad(XDP, 0, program.code(), "GPL", 0);
                KernelBpf.TestRun expected;
                try {
                    expected = KernelBpf.testRun(fd, packet, null, 1, 0, 0);
                } finally {
                    KernelBpf.close(fd);
                }
                Guest.Result actual = guest.run(program.code(), packet);
                assertEquals(expected.retval(), actual.retval(), program::toString);
                assertArrayEquals(expected.dataOut(), actual.data(), program::toString);
            }
        }
    }
}

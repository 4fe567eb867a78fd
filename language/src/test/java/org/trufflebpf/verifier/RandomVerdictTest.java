package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.Evaluator;
import org.trufflebpf.insn.ProgramGenerator;
import org.trufflebpf.insn.ProgramGenerator.Profile;
import org.trufflebpf.insn.ProgramGenerator.Program;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.Loader;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.testing.Seed;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Random programs that the kernel accepts are accepted, and what a run holds in its registers is
 * among what was computed for them, at every instruction.
 */
class RandomVerdictTest {
    /** States of one program that are kept; more would only cost memory. */
    private static final int MAX_STATES = 60_000;

    private final long seed = Seed.of("RandomVerdictTest");

    private static VerifierInput input(Program program) {
        ObjectSpec object = ObjectReader.readRaw(program.code(), ByteOrder.LITTLE_ENDIAN);
        ProgramSpec spec = object.programs().getFirst().withType(ProgramType.XDP, -1);
        TargetBtf target = TargetBtf.none();
        return new VerifierInput(object, Loader.load(object, spec, target), target);
    }

    @Test
    void whatTheKernelAcceptsIsAccepted() {
        accepts(600);
    }

    @Test
    @Tag("slow")
    void muchThatTheKernelAcceptsIsAccepted() {
        accepts(20_000);
    }

    private void accepts(int count) {
        for (long i = 0; i < count; i++) {
            Program program = ProgramGenerator.generate(seed + i, Profile.KERNEL);
            Verdict verdict = Verifier.verify(input(program));
            assertTrue(verdict.accepted(), () -> verdict.explanation() + "\n" + program);
        }
    }

    @Test
    void registersLieInTheirRanges() {
        int checked = 0;
        for (long i = 0; i < 150; i++) {
            checked +=
                    traces(ProgramGenerator.generate(seed + i, Profile.KERNEL), seed + i) ? 1 : 0;
        }
        assertTrue(checked > 50, "programs with few enough paths");
    }

    private static boolean traces(Program program, long seed) {
        Ranges ranges = Ranges.of(input(program), MAX_STATES);
        if (ranges == null) {
            return false;
        }
        for (int run = 0; run < 3; run++) {
            byte[] packet = ProgramGenerator.memory(seed + run);
            byte[] context = new byte[24];
            ByteBuffer.wrap(context)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) Evaluator.MEMORY_BASE)
                    .putInt((int) Evaluator.MEMORY_BASE + packet.length)
                    .putInt((int) Evaluator.MEMORY_BASE);
            new Evaluator(program.code(), ByteOrder.LITTLE_ENDIAN)
                    .memory(packet)
                    .region(Evaluator.CONTEXT_BASE, context)
                    .register(1, Evaluator.CONTEXT_BASE)
                    .register(2, 0)
                    .observer((pc, registers) -> ranges.check(pc, program, registers))
                    .run();
        }
        return true;
    }
}

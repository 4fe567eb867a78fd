package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.relo.TargetBtf;

import java.util.List;

/** Limits of time and memory end in a message that names them. */
class LimitsTest {
    private static final String LOOP =
            """
                r6 = 0
            turn:
                r6 += 1
                if r6 < %s goto turn
                r0 = 0
                exit
            """;

    private static final String UNBOUNDED =
            """
                r6 = *(u32 *)(r1 + 0)
                r7 = 0
            turn:
                r7 += 1
                if r7 != r6 goto turn
                r0 = 0
                exit
            """;

    private static Verdict verify(String text, VerifierOptions options) {
        CaseProgram program =
                new CaseProgram(new VerifierCase("limits", "", List.of(), text, null, 0));
        var object = program.object();
        TargetBtf target = TargetBtf.none();
        return Verifier.verify(new VerifierInput(object, program.loaded(object), target), options);
    }

    @Test
    void tooManyInstructions() {
        Verdict verdict = verify(LOOP.formatted("10000000"), VerifierOptions.DEFAULT);
        assertEquals(RefusalKind.COMPLEXITY, verdict.kind());
        assertEquals("BPF program is too large. Processed 1000001 insn", verdict.message());
        assertTrue(
                verdict.explanation()
                        .contains(
                                "all paths together may have 1000000 instructions, the program has"
                                        + " 5: split the program"),
                verdict.explanation());
    }

    @Test
    void tooManyPaths() {
        Verdict verdict = verify(UNBOUNDED, VerifierOptions.DEFAULT);
        assertFalse(verdict.accepted());
        assertEquals(RefusalKind.COMPLEXITY, verdict.kind());
        assertTrue(
                verdict.explanation().contains("8192 paths wait to be walked")
                        || verdict.explanation().contains("1000000 instructions"),
                verdict.explanation());
    }

    /** A limit that a user sets. */
    @Test
    void limitsCanBeLower() {
        Verdict verdict = verify(LOOP.formatted("1000"), new VerifierOptions(0, 500, 0));
        assertEquals("BPF program is too large. Processed 501 insn", verdict.message());
        assertTrue(verify(LOOP.formatted("1000"), VerifierOptions.DEFAULT).accepted());
    }

    /** The log stays as large as it may be, and the last line is still the explanation. */
    @Test
    void logsAreCut() {
        Verdict verdict =
                verify(LOOP.formatted("10000000"), new VerifierOptions(2, 100_000, 50_000));
        assertTrue(verdict.log().length() < 52_000, () -> verdict.log().length() + " characters");
        assertTrue(verdict.log().contains("(the log is cut here)"));
        assertTrue(verdict.log().strip().endsWith(verdict.explanation()));
    }

    /** A state is remembered at each turn, but not those that no path comes back to. */
    @Test
    void memoryIsBounded() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();
        Verdict verdict = verify(LOOP.formatted("10000000"), VerifierOptions.DEFAULT);
        System.gc();
        long after = runtime.totalMemory() - runtime.freeMemory();
        assertFalse(verdict.accepted());
        assertTrue(after - before < 64L << 20, () -> (after - before) + " bytes stay");
        assertTrue(verdict.states() < 1_000_000, () -> verdict.states() + " states");
    }
}

package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.testing.ChildJvm;

import java.io.IOException;
import java.nio.file.Path;
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

    /**
     * A heap of so many MiB, the compiler's share included, is enough for the largest programs of
     * the corpus, for a walk without end and for as many waiting paths as there may be, each with a
     * full stack.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    64  | corpus | loop_50000: accept, 650019 steps
                    128 | steps  | BPF program is too large. Processed 1000001 insn
                    256 | paths  | The sequence of 8193 jumps is too complex.
                    """)
    void memoryIsBounded(int megabytes, String what, String expected, @TempDir Path scratch)
            throws IOException, InterruptedException {
        String text =
                ChildJvm.run(
                        Path.of("").toAbsolutePath(),
                        scratch,
                        List.of("-Xmx" + megabytes + "m", LimitsTest.class.getName(), what),
                        10);
        assertTrue(text.contains(expected), text);
    }

    /** Walks what {@link #memoryIsBounded} names, in a process of its own. */
    public static void main(String[] args) {
        switch (args[0]) {
            case "corpus" ->
                    Programs.main(new String[] {Recorded.CORPUS.resolve("large.o").toString()});
            case "steps" -> System.out.println(message(LOOP.formatted("10000000")));
            case "paths" -> System.out.println(message(paths()));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static String message(String text) {
        return verify(text, VerifierOptions.DEFAULT).message();
    }

    /** A full stack, then comparisons that leave a path each. */
    private static String paths() {
        StringBuilder text = new StringBuilder("r6 = *(u32 *)(r1 + 0)\n");
        for (int slot = 8; slot <= 512; slot += 8) {
            text.append("*(u64 *)(r10 - ").append(slot).append(") = r6\n");
        }
        for (int i = 0; i < 9000; i++) {
            text.append("if r6 == ").append(i).append(" goto out\n");
        }
        return text + "out:\nr0 = 0\nexit\n";
    }
}

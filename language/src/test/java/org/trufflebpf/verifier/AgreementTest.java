package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.kernel.KernelObject;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The verifier gives the kernel's verdicts, as they were recorded, on all cases and on the corpus,
 * but for the known differences; each of these is one still.
 */
class AgreementTest {
    private static final Map<String, String> KNOWN = Recorded.read(Recorded.DIFFERENCES);

    static Stream<VerifierCase> cases() {
        return CaseFile.allCases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void casesAgree(VerifierCase single) {
        needsTypes(single.text().contains("call bpf_") && !single.headers().isEmpty());
        CaseProgram program = new CaseProgram(single);
        compare(
                single.toString(),
                single.expected().accepted(),
                () -> Judged.Engine.of(CaseEngine.verify(program)));
    }

    static List<Path> objects() {
        return Judged.objects(Recorded.CORPUS);
    }

    @ParameterizedTest
    @MethodSource("objects")
    void corpusAgrees(Path object) {
        needsTypes(true);
        Map<String, String> recorded = Recorded.read(Recorded.VERDICTS);
        for (Judged judged : Judged.programs(object, false)) {
            String verdict = recorded.get(judged.toString());
            assertNotNull(verdict, () -> judged + " has no recorded verdict");
            if (!verdict.startsWith("unknown")) {
                compare(judged.toString(), verdict.equals("accept"), judged::engine);
            }
        }
    }

    private static void compare(String name, boolean expected, Supplier<Judged.Engine> engine) {
        Judged.Engine actual = engine.get();
        if (KNOWN.containsKey(name)) {
            assertNotEquals(expected, actual.accepted(), name + ": take it off the list");
        } else {
            assertEquals(expected, actual.accepted(), () -> name + ": " + actual.message());
        }
    }

    /** Kernel functions and BTF objects are judged by the types of the running kernel. */
    private static void needsTypes(boolean needed) {
        Assumptions.assumeTrue(
                !needed || Files.isReadable(CaseKernel.BTF), "needs the types of a kernel");
    }

    @Test
    void corpusVerdictsAreThoseOfTheKernel() {
        Assumptions.assumeTrue(
                KernelObject.refusal() == null,
                () -> "no kernel oracle: " + KernelObject.refusal());
        String release = System.getProperty("os.version");
        Assumptions.assumeTrue(
                release.startsWith("6.18"), () -> "recorded from Linux 6.18, this is " + release);
        Map<String, String> recorded = Recorded.read(Recorded.VERDICTS);
        for (Path object : objects()) {
            for (Judged judged : Judged.programs(object, true)) {
                assertEquals(recorded.get(judged.toString()), Agreement.verdict(judged));
            }
        }
    }

    @Test
    void atLeast97PercentOfWhatTheKernelAcceptsIsAccepted() {
        Map<String, String> recorded = Recorded.read(Recorded.VERDICTS);
        long accepted = recorded.values().stream().filter("accept"::equals).count();
        long lost = recorded.keySet().stream().filter(KNOWN::containsKey).count();
        assertTrue(recorded.size() >= 300, () -> recorded.size() + " programs");
        assertTrue((accepted - lost) * 100 >= accepted * 97, lost + " of " + accepted);
    }

    @Test
    void knownDifferencesExist() {
        Set<String> names = new HashSet<>(Recorded.read(Recorded.VERDICTS).keySet());
        cases().forEach(single -> names.add(single.toString()));
        assertTrue(
                names.containsAll(KNOWN.keySet()),
                () -> KNOWN.keySet().stream().filter(name -> !names.contains(name)).toList() + "");
    }
}

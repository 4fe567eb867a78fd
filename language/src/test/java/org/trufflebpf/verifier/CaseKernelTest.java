package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelVerifier;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** The verdicts of the case files are those of the running kernel. */
class CaseKernelTest {
    static Stream<VerifierCase> cases() {
        return CaseFile.allCases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void kernelStillSaysWhatWasRecorded(VerifierCase single) {
        Assumptions.assumeTrue(
                KernelBpf.isPermitted(), () -> "no kernel oracle: " + KernelBpf.refusal());
        String release = System.getProperty("os.version");
        Assumptions.assumeTrue(
                release.startsWith("6.18"), () -> "recorded from Linux 6.18, this is " + release);
        KernelVerifier.Result result = CaseKernel.verify(new CaseProgram(single));
        assertEquals(
                single.expected(),
                new VerifierCase.Verdict(result.accepted(), result.message()),
                result.log());
    }

    @Test
    void namesAreUnique() {
        Set<String> names = new HashSet<>();
        cases().forEach(single -> assertTrue(names.add(single.toString()), single::toString));
        assertTrue(names.size() >= 400, () -> names.size() + " cases");
    }
}

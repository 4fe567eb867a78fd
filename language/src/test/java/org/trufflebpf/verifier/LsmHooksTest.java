package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.btf.BtfKind;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Programs for hooks of security modules, which the machine that verdicts are recorded on does not
 * load (they need a trampoline): what the tables say, and that these name hooks of the kernel.
 */
class LsmHooksTest {
    /** Only in kernels that are configured for them. */
    private static final Set<String> OPTIONAL =
            Set.of("xfrm_decode_session", "key_getsecurity", "audit_rule_match");

    private static Verdict verify(String hook, String license, boolean sleepable, String code) {
        Assumptions.assumeTrue(Files.isReadable(CaseKernel.BTF), "needs the types of a kernel");
        List<String> headers =
                new ArrayList<>(
                        List.of("type lsm", "attach 27", "license " + license, "target " + hook));
        if (sleepable) {
            headers.add("sleepable");
        }
        return CaseEngine.verify(
                new CaseProgram(new VerifierCase("lsm", hook, headers, code, null, 0)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "file_open, GPL, false, -",
                "file_open, GPL, true, -",
                "file_open, Proprietary, false, LSM programs must have a GPL compatible license",
                "task_free, GPL, false, -",
                "task_free, GPL, true, bpf_lsm_task_free is not sleepable",
                "getprocattr, GPL, false, attach_btf_id points to disabled hook"
                        + " bpf_lsm_getprocattr",
            })
    void hooksTakeProgramsAsTheKernelsDo(
            String hook, String license, boolean sleepable, String message) {
        Verdict verdict = verify(hook, license, sleepable, "r0 = 0\nexit\n");
        assertEquals(message, verdict.message());
    }

    @Test
    void whatIsBeingFreedIsNotTrusted() {
        String acquire = "r1 = *(u64 *)(r1 + 0)\ncall bpf_task_acquire\n";
        String release = "if r0 == 0 goto +2\nr1 = r0\ncall bpf_task_release\nr0 = 0\nexit\n";
        assertEquals(null, verify("task_alloc", "GPL", false, acquire + release).message());
        assertEquals(
                "R1 must be a rcu pointer",
                verify("task_free", "GPL", false, acquire + release).message());
    }

    @Test
    void tablesNameHooksOfTheKernel() {
        Assumptions.assumeTrue(Files.isReadable(CaseKernel.BTF), "needs the types of a kernel");
        Assumptions.assumeTrue(
                CaseKernel.kernelTypes().find("bpf_lsm_file_open", BtfKind.FUNC) != 0,
                "the kernel has no hooks for programs");
        for (Set<String> table : List.of(LsmHooks.SLEEPABLE, LsmHooks.DISABLED)) {
            for (String hook : table) {
                if (!OPTIONAL.contains(hook)) {
                    assertNotEquals(
                            0,
                            CaseKernel.kernelTypes().find("bpf_lsm_" + hook, BtfKind.FUNC),
                            hook);
                }
            }
        }
    }
}

package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelVerifier;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.testing.Seed;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Random programs that compute with numbers from the packet, bound them somehow, and use them as
 * offsets into stack, packet and map values, where a bound that is off by one is out of bounds.
 * What is accepted runs with all accesses held to what was proven of them; where the kernel may be
 * asked, its verdicts have to be the same.
 */
class BoundsFuzzTest {
    private static final int TRIES = 60;
    private static final List<String> HEADERS = List.of("type xdp", "map a array 4 32 2");

    private final long seed = Seed.of("BoundsFuzzTest");
    private final Map<String, Integer> counts = new TreeMap<>();

    @Test
    void acceptedProgramsStayInBounds() {
        fuzz(Integer.getInteger("trufflebpf.programs", 1200));
    }

    @Test
    @Tag("slow")
    void manyAcceptedProgramsStayInBounds() {
        fuzz(40_000);
    }

    private void fuzz(int count) {
        for (long i = seed; i < seed + count; i++) {
            String text = new BoundsProgram(i).text();
            try {
                program(text, i);
            } catch (AssertionError e) {
                String message = "-D" + Seed.PROPERTY + "=" + i + ": " + e.getMessage();
                if (Boolean.getBoolean("trufflebpf.goOn")) {
                    System.out.println("FAILURE " + message + "\n" + text);
                    continue;
                }
                throw new AssertionError(message + "\n" + text, e);
            }
        }
        System.out.println("programs: " + counts);
        assertTrue(counts.getOrDefault("accepted", 0) > count / 10, counts::toString);
    }

    private void program(String text, long id) {
        CaseProgram program =
                new CaseProgram(
                        new VerifierCase("random", "program " + id, HEADERS, text, null, 0));
        var object = program.object();
        VerifierInput input = new VerifierInput(object, program.loaded(object), TargetBtf.none());
        Verdict verdict = Verifier.verify(input);
        count(verdict.accepted() ? "accepted" : "refused");
        boolean shown = KernelBpf.isPermitted() && !KernelDanger.isNear(input);
        if (!verdict.accepted()) {
            if (shown) {
                if (CaseKernel.verify(program).accepted()) {
                    throw new AssertionError("the kernel accepts, but: " + verdict.message());
                }
                count("refused by the kernel too");
            }
            return;
        }
        boolean ranges = CheckedRuns.check(input, 0, verdict.proofs(), TRIES, id);
        count(ranges ? "ranges held" : "too many paths");
        if (shown) {
            KernelVerifier.Result kernel = CaseKernel.verify(program);
            if (!kernel.accepted()) {
                throw new AssertionError("accepted, but the kernel says " + kernel.message());
            }
            count("kernel accepts");
        }
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }
}

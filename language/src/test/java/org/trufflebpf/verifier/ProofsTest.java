package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;

import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.LoadedObject;
import org.trufflebpf.OpenedObject;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.nodes.ProgramRunner;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.testing.Mode;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Facts besides accesses and branches that go to the nodes: divisors that are never zero, lookups
 * that are always in one map. The check is gone where they hold, and the results are the same.
 */
class ProofsTest {
    /** r3 and r4 are numbers from the packet. */
    private static final String START =
            """
            r6 = *(u32 *)(r1 + 0)
            r7 = *(u32 *)(r1 + 4)
            r2 = r6
            r2 += 16
            r0 = 0
            if r2 > r7 goto out
            r3 = *(u64 *)(r6 + 0)
            r4 = *(u64 *)(r6 + 8)
            """;

    private static CaseProgram program(String text) {
        List<String> headers = List.of("type xdp", "map a array 4 8 2", "map b array 4 8 2");
        return new CaseProgram(new VerifierCase("proofs", "facts", headers, text, null, 0));
    }

    private static Verdict verify(CaseProgram program) {
        var object = program.object();
        return Verifier.verify(new VerifierInput(object, program.loaded(object), TargetBtf.none()));
    }

    private static long with(
            CaseProgram program, boolean verify, ToLongFunction<LoadedObject> use) {
        long[] result = new long[1];
        try (Context context =
                Mode.INTERPRETED
                        .context()
                        .option("ebpf.Verify", Boolean.toString(verify))
                        .build()) {
            OpenedObject.with(
                    context, program.object(), object -> result[0] = use.applyAsLong(object));
        }
        return result[0];
    }

    private static long nodes(CaseProgram program, boolean verify, String name) {
        return with(
                program,
                verify,
                object -> {
                    RootCallTarget entry =
                            (RootCallTarget) object.programs().getFirst().load().entry();
                    return NodeUtil.findAllNodeInstances(entry.getRootNode(), Node.class).stream()
                            .filter(node -> node.getClass().getSimpleName().equals(name))
                            .count();
                });
    }

    private static long run(CaseProgram program, boolean verify, long first, long second) {
        byte[] data = new byte[16];
        for (int i = 0; i < 8; i++) {
            data[i] = (byte) (first >>> (8 * i));
            data[8 + i] = (byte) (second >>> (8 * i));
        }
        return with(
                program,
                verify,
                object ->
                        new ProgramRunner(object.context(), object.programs().getFirst())
                                .run(
                                        new RunInput(data, null, new long[0], 1, 0),
                                        new long[0],
                                        false)
                                .output()
                                .r0());
    }

    @ParameterizedTest
    @CsvSource({
        "if r4 == 0 goto out, r3 /= r4, true",
        "if r4 == 0 goto out, r3 %= r4, true",
        "if r4 == 0 goto out, r3 s/= r4, true",
        "if r4 == 0 goto out, r3 s%= r4, true",
        "if r4 s>= 0 goto out, r3 /= r4, true",
        "r4 |= 256, r3 /= r4, true",
        "r4 |= 256, w3 /= w4, true",
        "if w4 == 0 goto out, w3 %= w4, true",
        "if w4 == 0 goto out, w3 s/= w4, true",
        "if w4 == 0 goto out, w3 s%= w4, true",
        "if w4 == 0 goto out, w3 /= w4, true",
        "if r4 == 0 goto out, w3 /= w4, false",
        "r2 = 0, r3 /= r4, false",
        "if r4 == 1 goto out, r3 %= r4, false",
        "if r4 > 5 goto out, r3 /= r4, false",
        // the second path is the first one's, but for the divisor
        "r4 = 1; if r3 == 9 goto +1; r4 = 0, r3 /= r4, false",
        "r4 = 1; if r3 == 9 goto +1; r4 = 2, r3 /= r4, true",
    })
    void divisorsThatAreNeverZeroAreNotTested(String before, String division, boolean proven) {
        CaseProgram program =
                program(
                        START
                                + before.replace(";", "\n")
                                + "\n"
                                + division
                                + "\nr0 = r3\nout:\nexit\n");
        Verdict verdict = verify(program);
        assertTrue(verdict.accepted(), verdict::message);
        assertEquals(0, nodes(program, false, "ProvenDivisionNode"));
        assertEquals(proven ? 1 : 0, nodes(program, true, "ProvenDivisionNode"));
        for (long[] pair :
                new long[][] {{100, 7}, {-100, 7}, {Long.MIN_VALUE, -1}, {9, 0x1_0000_0000L}}) {
            assertEquals(
                    run(program, false, pair[0], pair[1]), run(program, true, pair[0], pair[1]));
        }
    }

    @Test
    void divisorsInLoopsStayAsTheyAre() {
        CaseProgram program =
                program(
                        START
                                + "r5 = 5\nagain:\nr3 /= r5\nr5 += -1\nif r5 != 0 goto again\n"
                                + "r0 = r3\nout:\nexit\n");
        assertTrue(verify(program).accepted());
        assertEquals(0, nodes(program, true, "ProvenDivisionNode"));
    }

    /** Also where the pointer was kept in the stack, or two paths brought it. */
    @ParameterizedTest
    @CsvSource({
        "r1 = map a, true",
        "r1 = map a; *(u64 *)(r10 - 16) = r1; r1 = 0; r1 = *(u64 *)(r10 - 16), true",
        "r1 = map a; if r3 == 9 goto +2; r1 = map a, true",
        "r1 = map a; if r3 == 9 goto +2; r1 = map b, false",
    })
    void lookupsInOneMapDoNotAskWhich(String before, boolean known) {
        CaseProgram program =
                program(
                        START
                                + "*(u32 *)(r10 - 4) = 1\nr2 = r10\nr2 += -4\n"
                                + before.replace(";", "\n")
                                + "\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\n"
                                + "*(u64 *)(r0 + 0) = 5\nr0 = *(u64 *)(r0 + 0)\nout:\nexit\n");
        Verdict verdict = verify(program);
        assertTrue(verdict.accepted(), verdict::message);
        assertEquals(0, nodes(program, false, "KnownMapLookupNode"));
        assertEquals(known ? 1 : 0, nodes(program, true, "KnownMapLookupNode"));
        assertEquals(5, run(program, true, 9, 0));
        assertEquals(5, run(program, true, 8, 0));
    }
}

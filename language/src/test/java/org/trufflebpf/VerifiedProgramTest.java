package org.trufflebpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;

import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.interop.ObjectValue;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What the verifier proves is not checked again when it runs; what it refuses does not run. */
class VerifiedProgramTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    private static void withObject(String file, boolean verify, Consumer<LoadedObject> use)
            throws IOException {
        byte[] bytes = Files.readAllBytes(FIXTURES.resolve(file));
        try (Context context =
                Mode.INTERPRETED
                        .context()
                        .option("ebpf.Verify", Boolean.toString(verify))
                        .build()) {
            context.initialize(EbpfLanguage.ID);
            context.enter();
            try {
                EbpfContext here = EbpfContext.get(null);
                LoadedObject object =
                        new LoadedObject(
                                here,
                                new ParsedObject(ObjectReader.read(file, bytes)),
                                InstanceOptions.NONE);
                // as other languages see it, which binds their functions, if any
                Object _ = new ObjectValue(object);
                use.accept(object);
            } finally {
                context.leave();
            }
        }
    }

    private static long checks(LoadedObject object, String program) {
        return nodes(object, program, "CheckNode");
    }

    private static long nodes(LoadedObject object, String program, String name) {
        RootCallTarget entry = (RootCallTarget) object.program(program).load().entry();
        return NodeUtil.findAllNodeInstances(entry.getRootNode(), Node.class).stream()
                .filter(node -> node.getClass().getSimpleName().startsWith(name))
                .count();
    }

    /** What the configuration of the kernel decides, say. */
    @Test
    void whatIsDecidedIsNotTested() throws IOException {
        for (boolean verify : new boolean[] {false, true}) {
            withObject(
                    "loader/kconfig.o",
                    verify,
                    object ->
                            assertEquals(verify, nodes(object, "kconfig", "DecidedJumpNode") > 0));
        }
    }

    /** Packet, context, stack and map accesses. */
    @ParameterizedTest
    @ValueSource(strings = {"apps/firewall.o", "apps/balancer.o", "contexts/xdp_parser.o"})
    void whatIsProvenIsNotChecked(String file) throws IOException {
        long[] counts = new long[2];
        for (boolean verify : new boolean[] {false, true}) {
            withObject(
                    file,
                    verify,
                    object ->
                            counts[verify ? 1 : 0] =
                                    checks(object, object.spec().programs().getFirst().name()));
        }
        assertTrue(counts[0] > 0, "an unverified program checks its accesses");
        assertEquals(0, counts[1], "checks in the verified program");
    }

    @Test
    void whatIsRefusedDoesNotLoad() throws IOException {
        withObject(
                "faults/wild.o",
                true,
                object -> {
                    BpfException e =
                            assertThrows(
                                    BpfException.class,
                                    () -> object.program("context_behind").load());
                    assertEquals(Failure.REJECTED, e.failure());
                    assertTrue(e.getMessage().contains("invalid bpf_context access"), e::describe);
                    assertTrue(e.describe().contains("wild.c:"), e::describe);
                });
    }

    @Test
    void withoutVerificationItLoads() throws IOException {
        withObject(
                "faults/wild.o", false, object -> assertTrue(checks(object, "packet_behind") > 0));
    }
}

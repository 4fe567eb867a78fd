package org.trufflebpf.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.graalvm.polyglot.Engine;
import org.junit.jupiter.api.Test;
import org.trufflebpf.api.BpfException;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.BpfProgram;
import org.trufflebpf.junit.BpfObjectFile;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A program that has the artifact {@code embedding} on its class path, JUnit, and nothing else: the
 * typed API, the extension and the optimizing runtime are all there.
 */
@BpfObjectFile(EmbeddingTest.OBJECT)
class EmbeddingTest {
    static final String OBJECT = "../examples/xdp_counter.o";

    /** An Ethernet frame of IPv4 with TCP. */
    private static final byte[] PACKET = new byte[64];

    static {
        PACKET[12] = 8;
        PACKET[14] = 0x45;
        PACKET[23] = 6;
    }

    record Counter(long packets, long bytes) {}

    @Test
    void oneLanguageAndTheCompilerAreThere() {
        try (Engine engine = Engine.create()) {
            assertEquals(Set.of("ebpf"), engine.getLanguages().keySet());
            assertNotEquals("Interpreted", engine.getImplementationName());
        }
    }

    @Test
    void objectsOpenAndRun() throws Exception {
        try (BpfObject object = BpfObject.open(Path.of(OBJECT))) {
            assertEquals("XDP_PASS", object.program("count").run(PACKET).name());
            Map<String, Counter> counters =
                    object.map("counters").view(String.class, Counter.class);
            assertEquals(new Counter(1, PACKET.length), counters.get("TCP"));
        }
    }

    @Test
    void refusalsAreExceptions() throws Exception {
        try (BpfObject object = BpfObject.open(Path.of(OBJECT))) {
            BpfException none =
                    assertThrows(BpfException.class, () -> object.program("none").load());
            assertEquals(Optional.empty(), none.errno());
        }
    }

    @Test
    void extensionGivesPrograms(BpfProgram count) {
        assertEquals("XDP_PASS", count.run(PACKET).name());
    }
}

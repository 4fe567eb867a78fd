package org.trufflebpf.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.Failure;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Objects, programs and errors as those see them who only want Java. */
class BpfObjectTest {
    private static final Path TYPES = Path.of("src/test/fixtures/api/types.o");
    private static final Path EXAMPLES = Path.of("../examples");

    /** Bytes of a packet that an XDP program sees at once; the others are in fragments. */
    private static final int LINEAR = 3520;

    @Test
    void describesItself() throws IOException {
        try (BpfObject object = BpfObject.open(TYPES)) {
            assertEquals(
                    List.of("touch", "stray"),
                    object.programs().stream().map(BpfProgram::name).toList());
            assertEquals("xdp", object.program("touch").type());
            BpfMap table = object.map("table");
            assertEquals("hash", table.type());
            assertEquals(4, table.keySize());
            assertEquals(2, table.maxEntries());
            assertTrue(object.maps().stream().anyMatch(map -> map.name().equals("points")));
            assertEquals(Optional.of("GPL"), object.license());
            assertEquals("map table (hash)", table.toString());
            assertEquals("xdp program touch", object.program("touch").toString());
        }
    }

    @Test
    void packetMayBeInAnyMemory() throws IOException {
        byte[] packet = Files.readAllBytes(EXAMPLES.resolve("http_get.bin"));
        ByteBuffer within = ByteBuffer.allocateDirect(packet.length + 20);
        within.position(10).put(packet).flip().position(10);
        try (BpfObject object = BpfObject.open(EXAMPLES.resolve("xdp_counter.o"));
                Arena arena = Arena.ofConfined()) {
            BpfProgram count = object.program("count");
            MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, packet);
            for (BpfResult result :
                    List.of(count.run(packet), count.run(within), count.run(segment))) {
                assertEquals("XDP_PASS", result.name());
                assertEquals(2, result.value());
                assertEquals(2, result.r0());
                assertArrayEquals(packet, result.data());
            }
            assertEquals(10, within.position());
            assertEquals(
                    3L * packet.length,
                    ((Number)
                                    ((Map<?, ?>)
                                                    object.map("counters")
                                                            .view(String.class, Object.class)
                                                            .get("TCP"))
                                            .get("bytes"))
                            .longValue());
        }
    }

    @Test
    void contextGoesInAndComesOut() throws IOException {
        try (BpfObject object = BpfObject.open(EXAMPLES.resolve("tc_marker.o"))) {
            BpfInput input =
                    BpfInput.packet(Files.readAllBytes(EXAMPLES.resolve("http_get.bin")))
                            .ctx(Files.readAllBytes(EXAMPLES.resolve("skb.bin")));
            BpfResult result = object.program("marker").run(input);
            assertEquals(192, result.ctx().length);
            assertEquals(8, result.ctx()[0x30]);
        }
    }

    @Test
    void argumentsOfTracedFunctions() throws IOException {
        try (ByteArrayOutputStream output = new ByteArrayOutputStream();
                BpfObject object =
                        BpfObject.builder(EXAMPLES.resolve("hello.o"))
                                .clock(Duration.ofSeconds(5))
                                .output(output)
                                .open()) {
            BpfResult result = object.program("hello").run(1, 2);
            assertEquals(1, result.trace().size());
            assertNull(result.data());
            String line = output.toString(StandardCharsets.UTF_8);
            assertTrue(line.contains("5.000000: bpf_trace_printk: hello"), line);
        }
    }

    @Test
    void batchIsAsManySingleRuns() throws IOException {
        byte[] empty = new byte[64];
        byte[] large = new byte[60_000];
        Arrays.fill(large, (byte) 7);
        // more than fit in one crossing, and more output than has room
        List<byte[]> packets =
                Stream.concat(
                                Collections.nCopies(5000, empty).stream(),
                                Collections.nCopies(40, large).stream())
                        .toList();
        try (BpfObject object = BpfObject.open(TYPES)) {
            BpfBatch batch = object.program("touch").runAll(packets);
            assertEquals(Map.of("XDP_DROP", 5000L, "XDP_PASS", 40L), batch.counts());
            assertEquals(packets.size(), batch.outputs().size());
            for (int i = 0; i < packets.size(); i++) {
                assertArrayEquals(packets.get(i), batch.outputs().get(i).data());
                assertEquals(i < 5000 ? 1 : 2, batch.outputs().get(i).value());
            }
            assertEquals(
                    1 + packets.stream().mapToLong(packet -> Math.min(packet.length, LINEAR)).sum(),
                    object.global("total", Long.class).get());
        }
    }

    @Test
    void faultTellsWhere() throws IOException {
        try (BpfObject object = BpfObject.open(TYPES)) {
            BpfProgram stray = object.program("stray");
            BpfException fault = assertThrows(BpfException.class, () -> stray.run(new byte[64]));
            assertEquals(Optional.of("stray"), fault.program());
            assertTrue(fault.source().orElseThrow().contains("types.c"), fault.toString());
            assertTrue(fault.getCause() instanceof PolyglotException);
            assertEquals(Optional.empty(), fault.errno());
            assertThrows(
                    BpfException.class, () -> stray.runAll(List.of(new byte[64], new byte[64])));
        }
    }

    @Test
    void malformedObjectIsRefused() {
        BpfException malformed =
                assertThrows(
                        BpfException.class,
                        () -> BpfObject.builder("junk.o", new byte[100]).open());
        assertEquals(BpfException.Kind.MALFORMED, malformed.kind());
    }

    @Test
    void missingNamesListWhatThereIs() throws IOException {
        try (BpfObject object = BpfObject.open(TYPES)) {
            assertEquals(
                    "there is no program tuch in types.o; it has touch, stray",
                    assertThrows(BpfException.class, () -> object.program("tuch")).getMessage());
            assertThrows(BpfException.class, () -> object.map("tables"));
        }
    }

    @Test
    void kindsAreThoseOfTheLanguage() {
        assertEquals(
                Stream.of(Failure.values()).map(Enum::name).toList(),
                Stream.of(BpfException.Kind.values()).map(Enum::name).toList());
    }

    @Test
    void objectsOfOneEngineShareNoState() throws IOException {
        try (Engine engine = Engine.create();
                BpfObject one = BpfObject.builder(TYPES).engine(engine).open();
                BpfObject other = BpfObject.builder(TYPES).engine(engine).open()) {
            one.program("touch").run(new byte[64]);
            assertEquals(65, one.global("total", Long.class).get());
            assertEquals(1, other.global("total", Long.class).get());
            assertEquals(1, engine.getCachedSources().size());
        }
    }

    @Test
    void machineIsSet() throws IOException {
        try (BpfObject object = BpfObject.builder(TYPES).cpus(7).seed(3).open()) {
            assertEquals(
                    7, object.map("runs").perCpuView(Integer.class, Integer.class).get(0).size());
        }
    }

    @Test
    void objectOfACallersContextIsLeftOpen() throws IOException {
        try (Context context = Context.create("ebpf")) {
            Source source =
                    Source.newBuilder("ebpf", new File(TYPES.toString()))
                            .mimeType("application/x-bpf")
                            .build();
            try (BpfObject object = BpfObject.of(context.eval(source))) {
                assertEquals(1, object.global("total", Long.class).get());
            }
            assertNotEquals(null, context.eval(source));
            assertThrows(BpfException.class, () -> BpfObject.of(context.asValue(7)));
        }
    }
}

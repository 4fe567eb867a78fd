package org.trufflebpf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R6;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.Asm;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What embedders see: members, conversions, and the errors of wrong use. */
class PolyglotValuesTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    private Context context;

    @BeforeEach
    void open() {
        context = Mode.INTERPRETED.context().option("ebpf.PrintTrace", "false").build();
    }

    @AfterEach
    void close() {
        context.close();
    }

    private Value raw(Asm program) throws IOException {
        return eval("raw", program.bytes(), "application/x-bpf-raw");
    }

    private Value eval(String name, byte[] bytes, String mimeType) throws IOException {
        return context.eval(
                Source.newBuilder("ebpf", ByteSequence.create(bytes), name)
                        .mimeType(mimeType)
                        .build());
    }

    private Value fixture(String path) throws IOException {
        return eval(path, Files.readAllBytes(FIXTURES.resolve(path)), "application/x-bpf");
    }

    private static PolyglotException guestError(
            org.junit.jupiter.api.function.Executable executable) {
        PolyglotException error = assertThrows(PolyglotException.class, executable);
        assertTrue(error.isGuestException(), error::toString);
        assertFalse(error.isInternalError(), error::toString);
        return error;
    }

    @Test
    void programRunsOverBytes() throws IOException {
        // r0 = the packet's first byte + its length; the byte is then overwritten
        Value program =
                raw(Asm.program()
                                .mov64(R6, R1)
                                .ldx(8, R0, R6, 0)
                                .add64(R0, R2)
                                .st(8, R6, 0, 9)
                                .exit())
                        .getMember("programs")
                        .getArrayElement(0);
        assertTrue(program.canExecute());
        Value result = program.execute(ByteBuffer.wrap(new byte[] {5, 6, 7}));
        assertEquals(8, result.getMember("r0").asLong());
        assertEquals(8, result.getMember("retval").asLong());
        assertTrue(result.getMember("verdict").isNull());
        Value data = result.getMember("data");
        assertEquals(3, data.getBufferSize());
        assertEquals(9, data.readBufferByte(0));
        assertEquals(0x0609, data.readBufferShort(ByteOrder.LITTLE_ENDIAN, 0));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> data.readBufferInt(ByteOrder.LITTLE_ENDIAN, 0));
    }

    @Test
    void arraysOfNumbersAreBytesToo() throws IOException {
        Value program =
                raw(Asm.program().ldx(16, R0, R1, 0).exit())
                        .getMember("programs")
                        .getArrayElement(0);
        assertEquals(0xfe01, program.execute((Object) new int[] {1, 254}).getMember("r0").asLong());
        String message =
                guestError(() -> program.execute((Object) new int[] {1, 256})).getMessage();
        assertTrue(message.contains("256, which is not a byte"), message);
        guestError(() -> program.execute("text"));
    }

    @Test
    void faultTellsPhaseAndPlace() throws IOException {
        Value program =
                raw(Asm.program().mov64(R1, 0).ldx(64, R0, R1, 8).exit())
                        .getMember("programs")
                        .getArrayElement(0);
        PolyglotException error = guestError(program::execute);
        Value place = error.getGuestObject();
        assertEquals("run", place.getMember("phase").asString());
        assertEquals("TRAP", place.getMember("failure").asString());
        assertEquals("main", place.getMember("program").asString());
        assertEquals(1, place.getMember("insn").asInt());
        assertTrue(place.getMember("source").isNull());
        assertEquals(
                "invalid read of 8 bytes at NULL + 8: check the pointer before use",
                place.getMember("message").asString());
        assertEquals(error.getMessage(), place.getMember("description").asString());
        // the context goes on
        assertThrows(PolyglotException.class, program::execute);
    }

    @Test
    void refusedObjectTellsPhaseLoad() {
        PolyglotException error =
                guestError(
                        () ->
                                eval(
                                        "x.o",
                                        new byte[] {0x7f, 'E', 'L', 'F', 2, 1},
                                        "application/x-bpf"));
        assertEquals("load", error.getGuestObject().getMember("phase").asString());
        assertTrue(error.getMessage().startsWith("x.o: "), error.getMessage());
    }

    @Test
    void objectShowsProgramsAndMaps() throws IOException {
        Value object = fixture("apps/firewall.o");
        assertEquals("GPL", object.getMember("license").asString());
        assertEquals("LITTLE_ENDIAN", object.getMember("byteOrder").asString());
        Value program = object.getMember("programs").getMember("firewall");
        assertEquals("xdp", program.getMember("type").asString());
        assertEquals("xdp", program.getMember("section").asString());
        assertEquals(1, object.getMember("programs").getArraySize());
        Value rules = object.getMember("maps").getMember("rules");
        assertEquals("lpm_trie", rules.getMember("type").asString());
        assertEquals(8, rules.getMember("keySize").asInt());
        assertTrue(program.invokeMember("disassemble", true).asString().contains("<firewall>:"));
        assertFalse(object.hasMember("nothing"));
        assertThrows(IllegalArgumentException.class, () -> program.invokeMember("run", 1, 2, 3));
    }

    @Test
    void mapsTakeAndGiveBytes() throws IOException {
        Value ports = fixture("apps/firewall.o").getMember("maps").getMember("ports");
        ByteBuffer key = ByteBuffer.wrap(new byte[] {80, 0});
        assertTrue(ports.invokeMember("lookup", key).isNull());
        ports.invokeMember("update", key, ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, ports.invokeMember("lookup", key).readBufferByte(0));
        assertEquals(1, ports.invokeMember("entries").getArraySize());
        String twice =
                guestError(
                                () ->
                                        ports.invokeMember(
                                                "update", key, ByteBuffer.wrap(new byte[] {1}), 1))
                        .getMessage();
        assertTrue(twice.contains("EEXIST"), twice);
        ports.invokeMember("delete", key);
        String gone = guestError(() -> ports.invokeMember("delete", key)).getMessage();
        assertTrue(gone.contains("ENOENT"), gone);
        guestError(
                () ->
                        ports.invokeMember(
                                "update",
                                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                                ByteBuffer.wrap(new byte[1])));
    }

    @Test
    void batchRunsManyPackets() throws IOException {
        Value program =
                raw(Asm.program().ldx(8, R0, R1, 0).exit())
                        .getMember("programs")
                        .getArrayElement(0);
        ByteBuffer in = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        for (byte first : new byte[] {7, 9, 7}) {
            in.putInt(2).put(first).put((byte) 0);
        }
        Value result = program.invokeMember("runBatch", in, 3, null);
        assertEquals(3, result.getMember("done").asInt());
        assertEquals(18, result.getMember("inUsed").asInt());
        Value verdicts = result.getMember("verdicts");
        assertEquals(2, verdicts.getArraySize());
        assertEquals(7, verdicts.getArrayElement(0).getMember("retval").asInt());
        assertEquals(2, verdicts.getArrayElement(0).getMember("packets").asInt());
        assertTrue(result.getMember("error").isNull());
        // the fourth record is an empty packet, in which the program's read faults
        Value partial = program.invokeMember("runBatch", in, 4, null);
        assertEquals(3, partial.getMember("done").asInt());
        assertTrue(partial.getMember("error").isException());
        guestError(() -> program.invokeMember("runBatch", ByteBuffer.allocate(2), 1, null));
    }

    @Test
    void wrongSettingsAreUsageErrors() throws IOException {
        Value program =
                raw(Asm.program().mov64(R0, 1).exit()).getMember("programs").getArrayElement(0);
        for (Map<String, Object> wrong :
                List.of(
                        Map.<String, Object>of("repeat", 0),
                        Map.<String, Object>of("cpu", 99),
                        Map.<String, Object>of("cpu", -1))) {
            PolyglotException error =
                    guestError(() -> program.invokeMember("run", ProxyObject.fromMap(wrong)));
            assertEquals("usage", error.getGuestObject().getMember("phase").asString());
        }
        try (Context other = Mode.INTERPRETED.context().option("ebpf.Clock", "noon").build()) {
            assertTrue(guestError(() -> other.initialize("ebpf")).getMessage().contains("noon"));
        }
    }

    @Test
    void unknownProgramTypeIsUsage() throws IOException {
        byte[] object = Files.readAllBytes(FIXTURES.resolve("apps/firewall.o"));
        for (String option : List.of("ebpf.ProgramType", "ebpf.AttachType")) {
            try (Context other = Mode.INTERPRETED.context().option(option, "nonsense").build()) {
                Source source =
                        Source.newBuilder("ebpf", ByteSequence.create(object), "firewall.o")
                                .mimeType("application/x-bpf")
                                .build();
                PolyglotException error = guestError(() -> other.eval(source));
                assertEquals("usage", error.getGuestObject().getMember("phase").asString());
                assertTrue(error.getMessage().contains("nonsense"), error.getMessage());
            }
        }
    }

    @Test
    void mapsTakeAndGiveBatches() throws IOException {
        Value maps = fixture("api/stress.o").getMember("maps");
        Value pairs = maps.getMember("pairs").getMember("bytes");
        byte[] keys = new byte[4 * 300];
        for (int i = 0; i < 300; i++) {
            ByteBuffer.wrap(keys).putInt(4 * i, i);
        }
        Value put =
                pairs.invokeMember(
                        "updateBatch", ByteBuffer.wrap(keys), ByteBuffer.allocate(16 * 300));
        assertTrue(put.getMember("errno").isNull());
        assertEquals(300, put.getMember("count").asInt());
        int seen = 0;
        Value found = pairs.invokeMember("lookupBatch", null, 100);
        while (found.getMember("errno").isNull()) {
            seen += found.getMember("count").asInt();
            assertEquals(
                    16L * found.getMember("count").asInt(),
                    found.getMember("values").getBufferSize());
            found = pairs.invokeMember("lookupBatch", found.getMember("cursor"), 100);
        }
        assertEquals("ENOENT", found.getMember("errno").asString());
        assertEquals(300, seen + found.getMember("count").asInt());
        assertEquals(
                1,
                pairs.invokeMember("deleteBatch", ByteBuffer.wrap(keys, 0, 4).slice())
                        .getMember("count")
                        .asInt());
        assertEquals(
                299,
                pairs.invokeMember("lookupAndDeleteBatch", null, 1000).getMember("count").asInt());
        assertEquals(0, maps.getMember("pairs").invokeMember("entries").getArraySize());
        Value counters = maps.getMember("counters").getMember("bytes");
        PolyglotException error =
                guestError(() -> counters.invokeMember("lookupAndDeleteBatch", null, 1));
        assertEquals("ENOTSUPP", error.getGuestObject().getMember("errno").asString());
        guestError(() -> counters.invokeMember("lookupBatch", null, -1));
        guestError(() -> counters.invokeMember("updateBatch", null, null));
    }

    @Test
    void largeMapIsRefusedWhereItIsUsed() throws IOException {
        Value object = fixture("loader/large_map.o");
        Value large = object.getMember("maps").getMember("large");
        assertTrue(large.getMember("refused").asString().contains("--max-memory"));
        assertTrue(object.getMember("maps").getMember("count").getMember("refused").isNull());
        Value programs = object.getMember("programs");
        PolyglotException error = guestError(() -> programs.getMember("uses").invokeMember("load"));
        assertEquals("load", error.getGuestObject().getMember("phase").asString());
        assertTrue(error.getMessage().contains("map large needs"), error.getMessage());
        assertEquals(
                1,
                programs.getMember("plain")
                        .execute(ByteBuffer.allocate(64))
                        .getMember("retval")
                        .asInt());
    }

    @Test
    void unknownGlobalNamesThoseThereAre() throws IOException {
        Value object = fixture("loader/ksym.o");
        String message =
                guestError(() -> object.invokeMember("setGlobal", "none", "1")).getMessage();
        assertTrue(message.endsWith("it has out"), message);
    }

    @Test
    void treesBecomeJson() {
        StringBuilder json = new StringBuilder();
        TreeJson.append(
                json,
                Map.of("a\"\n", List.of(1L, true, "\u0007x", Double.NaN, List.of(), Map.of())));
        assertEquals(
                "{\"a\\\"\\n\":[1,true,\"\\u0007x\",\"NaN\",[],{}]}".replace("\\n\"", "\\u000a\""),
                json.toString());
    }
}

package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.launcher.engine.BatchResult;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Event;
import org.trufflebpf.launcher.engine.MapDump;
import org.trufflebpf.launcher.engine.MapEntry;
import org.trufflebpf.launcher.engine.MapInfo;
import org.trufflebpf.launcher.engine.ProgramInfo;
import org.trufflebpf.launcher.engine.RunResult;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The JSON contract of docs/ebpf-run.md, field by field. */
class JsonReportTest {
    private static final ProgramInfo PROGRAM =
            new ProgramInfo("prog", "xdp", "xdp", "xdp", null, false, true, 12);

    private interface Content {
        void write(JsonReport report) throws IOException;
    }

    private static String text(String id, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonReport report = new JsonReport(bytes)) {
            report.start(id);
            content.write(report);
            report.end();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static RunResult result(double meanNs, String verdict, byte[] data, String... trace) {
        return new RunResult(
                0xffff_ffffL,
                -1,
                verdict,
                data,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                3,
                meanNs,
                1,
                2,
                List.of(trace),
                List.of(new Event("rb", 1, new byte[] {1, (byte) 0xab})));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> child(Object object, Object key) {
        return object instanceof List<?> list
                ? (Map<String, Object>) list.get((Integer) key)
                : (Map<String, Object>) ((Map<String, Object>) object).get(key);
    }

    @Test
    void run() throws IOException {
        String text =
                text(
                        null,
                        report -> {
                            report.program("dir/x.o", PROGRAM);
                            report.run(result(23.416, "XDP_PASS", new byte[] {0, 0x7f}, "hello"));
                        });
        assertTrue(text.endsWith("}\n"), text);
        Map<String, Object> json = JsonText.object(text);
        assertEquals(
                Set.of("object", "program", "section", "type", "runs", "trace", "events"),
                json.keySet());
        assertEquals("dir/x.o", json.get("object"));
        assertEquals("prog", json.get("program"));
        assertEquals("xdp", json.get("section"));
        assertEquals("xdp", json.get("type"));
        assertEquals(List.of("hello"), json.get("trace"));
        assertEquals(List.of(Map.of("map", "rb", "data", "01ab")), json.get("events"));
        assertEquals(1, ((List<?>) json.get("runs")).size());
        Map<String, Object> run = child(json.get("runs"), 0);
        assertEquals(
                Set.of("retval", "verdict", "data_out", "ctx_out", "repeat", "duration_ns"),
                run.keySet());
        assertEquals(4294967295L, run.get("retval"));
        assertEquals("XDP_PASS", run.get("verdict"));
        assertEquals("007f", run.get("data_out"));
        assertEquals("", run.get("ctx_out"));
        assertEquals(3L, run.get("repeat"));
        assertEquals(23.42, run.get("duration_ns"));
    }

    @Test
    void verdictMayBeNull() throws IOException {
        Map<String, Object> json =
                JsonText.object(text(null, report -> report.run(result(1234.5, null, null))));
        Map<String, Object> run = child(json.get("runs"), 0);
        assertTrue(run.containsKey("verdict"));
        assertNull(run.get("verdict"));
        assertEquals("", run.get("data_out"));
        assertEquals(1235L, run.get("duration_ns"), "whole nanoseconds where they suffice");
    }

    @Test
    void textStaysValidWhateverAProgramPrints() throws IOException {
        String wild = "\"\\\n\u0000\033\u009b€\ud83d\ude00\ud800 x";
        String text = text(null, report -> report.run(result(1, null, null, wild)));
        assertTrue(text.chars().allMatch(c -> c < 0x7f), text);
        assertEquals(1, text.lines().count());
        assertEquals(List.of(wild), JsonText.object(text).get("trace"));
    }

    @Test
    void maps() throws IOException {
        MapInfo plain = new MapInfo("counts", "hash", 4, 2, 16, 0, "declared", Map.of());
        MapInfo perCpu = new MapInfo("cpus", "percpu_array", 4, 1, 1, 0, "declared", Map.of());
        byte[] key = {1, 0, 0, 0};
        Map<String, Object> json =
                JsonText.object(
                        text(
                                null,
                                report ->
                                        report.maps(
                                                List.of(
                                                        new MapDump(
                                                                plain,
                                                                1,
                                                                List.of(
                                                                        new MapEntry(
                                                                                key,
                                                                                List.of(
                                                                                        new byte[] {
                                                                                            2, 0
                                                                                        }),
                                                                                false,
                                                                                "1",
                                                                                "2",
                                                                                "{\"key\":1,\"value\":2}"))),
                                                        new MapDump(
                                                                perCpu,
                                                                1,
                                                                List.of(
                                                                        new MapEntry(
                                                                                key,
                                                                                List.of(
                                                                                        new byte[] {
                                                                                            3
                                                                                        },
                                                                                        new byte[] {
                                                                                            4
                                                                                        }),
                                                                                true,
                                                                                null,
                                                                                null,
                                                                                null)))))));
        Map<String, Object> counts = child(json.get("maps"), "counts");
        assertEquals(
                Set.of("type", "key_size", "value_size", "max_entries", "entries"),
                counts.keySet());
        assertEquals("hash", counts.get("type"));
        assertEquals(4L, counts.get("key_size"));
        assertEquals(2L, counts.get("value_size"));
        assertEquals(16L, counts.get("max_entries"));
        assertEquals(
                List.of(
                        Map.of(
                                "key",
                                "01000000",
                                "value",
                                "0200",
                                "typed",
                                Map.of("key", 1L, "value", 2L))),
                counts.get("entries"));
        Map<String, Object> entry = child(child(json.get("maps"), "cpus").get("entries"), 0);
        assertEquals(List.of("03", "04"), entry.get("value"));
        assertTrue(entry.containsKey("typed"));
        assertNull(entry.get("typed"));
    }

    @Test
    void packets() throws IOException {
        PacketCounts counts = new PacketCounts();
        counts.add(new BatchResult.Count(2, "XDP_PASS", 3, 300));
        counts.add(new BatchResult.Count(1, "XDP_DROP", 5, 500));
        counts.add(new BatchResult.Count(2, "XDP_PASS", 4, 400));
        counts.add(new BatchResult.Count(77, null, 1, 10));
        Map<String, Object> json = JsonText.object(text(null, report -> report.packets(counts)));
        assertEquals(
                Map.of(
                        "total",
                        13L,
                        "bytes",
                        1210L,
                        "verdicts",
                        Map.of("XDP_PASS", 7L, "XDP_DROP", 5L, "77", 1L)),
                json.get("packets"));
    }

    @Test
    void errorsWithAndWithoutAPlace() throws IOException {
        EbpfRunException placed =
                new EbpfRunException(
                        EbpfRunException.Phase.VERIFY,
                        "R1 invalid",
                        "prog",
                        7,
                        "x.c:3: f()",
                        "x.o: R1 invalid",
                        null);
        Map<String, Object> error =
                child(JsonText.object(text("[1,\"a\"]", report -> report.error(placed))), "error");
        assertEquals(Set.of("phase", "message", "program", "insn", "source"), error.keySet());
        assertEquals("verify", error.get("phase"));
        assertEquals("R1 invalid", error.get("message"));
        assertEquals("prog", error.get("program"));
        assertEquals(7L, error.get("insn"));
        assertEquals("x.c:3: f()", error.get("source"));

        Map<String, Object> json =
                JsonText.object(text("null", report -> report.error(EbpfRunException.usage("u"))));
        assertEquals(Set.of("id", "error"), json.keySet());
        assertNull(child(json, "error").get("insn"));
        assertNull(child(json, "error").get("program"));
        assertNull(child(json, "error").get("source"));
    }
}

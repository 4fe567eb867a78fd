package org.trufflebpf.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.trufflebpf.junit.BpfObjectFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The code of {@code docs/java.md}, as it stands there. */
class JavaPageTest {
    private static byte[] packet;

    @BeforeAll
    static void read() throws IOException {
        packet = Files.readAllBytes(Path.of("../examples/http_get.bin"));
    }

    enum Protocol {
        OTHER,
        ARP,
        ICMP,
        ICMPV6,
        TCP,
        UDP
    }

    record Counter(long packets, long bytes) {}

    @Test
    void openRunRead() throws IOException {
        try (BpfObject object = BpfObject.open(Path.of("../examples/xdp_counter.o"))) {
            BpfResult result = object.program("count").run(packet);
            Map<Protocol, Counter> counters =
                    object.map("counters").view(Protocol.class, Counter.class);
            assertEquals("XDP_PASS", result.name());
            assertEquals(new Counter(1, 129), counters.get(Protocol.TCP));
        }
    }

    @Test
    @BpfObjectFile("../examples/xdp_counter.o")
    void manyPackets(BpfObject object) {
        BpfBatch batch = object.program("count").runAll(Collections.nCopies(1000, packet));
        assertEquals(Map.of("XDP_PASS", 1000L), batch.counts());
        assertArrayEquals(packet, batch.outputs().get(999).data());
    }

    private static void fill(BpfMap map) {
        Map<Integer, Counter> counters = map.view(Integer.class, Counter.class);
        for (int i = 0; i <= map.maxEntries(); i++) {
            counters.put(i, new Counter(i, i));
        }
    }

    @Test
    @BpfObjectFile("../examples/xdp_counter.o")
    void errno(BpfObject object) {
        BpfException full = assertThrows(BpfException.class, () -> fill(object.map("counters")));
        assertEquals(Optional.of("E2BIG"), full.errno());
    }

    record Event(int length, String text) {}

    @Test
    @BpfObjectFile("src/test/fixtures/api/types.o")
    void eventsAndGlobals(BpfObject object) {
        List<Event> heard = new ArrayList<>();
        object.map("events").onEvent(Event.class, "event", heard::add);
        object.program("touch").run(new byte[64]);
        assertEquals(List.of(new Event(64, "packet")), heard);

        BpfGlobal<Long> total = object.global("total", Long.class);
        assertEquals(65, total.get());
        total.set(0L);
        assertEquals(0, total.get());
    }

    @Nested
    @BpfObjectFile("../examples/xdp_counter.o")
    class CounterTest {
        @Test
        void countsTcp(BpfProgram count, Map<Protocol, Counter> counters) {
            assertEquals("XDP_PASS", count.run(packet).name());
            assertEquals(new Counter(1, 129), counters.get(Protocol.TCP));
        }
    }

    /** Blanks, line breaks and {@code @Nested} apart. */
    private static String words(String code) {
        return code.replace("@Nested", "")
                .lines()
                .map(String::strip)
                .collect(Collectors.joining())
                .replace(" ", "");
    }

    @Test
    void thePageShowsThisCode() throws IOException {
        String here =
                words(
                        Files.readString(
                                Path.of("src/test/java/org/trufflebpf/api/JavaPageTest.java")));
        Matcher blocks =
                Pattern.compile("(?s)```java\n(.*?)```")
                        .matcher(Files.readString(Path.of("../docs/java.md")));
        int count = 0;
        while (blocks.find()) {
            count++;
            assertTrue(here.contains(words(blocks.group(1))), blocks.group(1));
        }
        assertEquals(6, count);
    }

    private static String element(String xml, String name) {
        Matcher found = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(xml);
        assertTrue(found.find(), name);
        return found.group(1);
    }

    @Test
    void theDependencyOnThePageIsThatOfTheModuleEmbedding() throws IOException {
        Matcher block =
                Pattern.compile("(?s)```xml\n(.*?)```")
                        .matcher(Files.readString(Path.of("../docs/java.md")));
        assertTrue(block.find());
        String shown = block.group(1);
        String pom = Files.readString(Path.of("../embedding/pom.xml"));
        String own = pom.substring(pom.indexOf("</parent>"));
        assertEquals(element(own, "artifactId"), element(shown, "artifactId"));
        assertEquals(element(own, "packaging"), element(shown, "type"));
        for (String inherited : List.of("groupId", "version")) {
            assertEquals(element(pom, inherited), element(shown, inherited));
        }
    }
}

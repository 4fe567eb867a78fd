package org.trufflebpf.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.junit.BpfObjectFile;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/** Maps seen through Java types. */
@BpfObjectFile("src/test/fixtures/api/types.o")
class BpfMapTest {
    private static final byte[] PACKET = new byte[64];

    /** {@code enum color}; a constant may be missing, but none may be too many. */
    enum Color {
        RED,
        GREEN,
        BLUE
    }

    record Point(short x, short y) {}

    /** Every member of {@code struct everything}, in its closest type. */
    record Everything(
            short tiny,
            byte small,
            int port,
            int delta,
            long counter,
            long balance,
            boolean flag,
            Color color,
            String name,
            byte[] address,
            int[] slots,
            Point corner,
            List<Point> path,
            long word,
            long low,
            int middle,
            long high,
            long pointer,
            String big) {}

    @Test
    void structIsRecord(BpfProgram touch, Map<Color, Everything> table) {
        touch.run(PACKET);
        Everything seen = table.get(Color.GREEN);
        assertEquals(255, seen.tiny());
        assertEquals(-128, seen.small());
        assertEquals(65535, seen.port());
        assertEquals(-5, seen.delta());
        assertEquals("18446744073709551615", Long.toUnsignedString(seen.counter()));
        assertEquals(-1, seen.balance());
        assertTrue(seen.flag());
        assertEquals(Color.BLUE, seen.color());
        assertEquals("eth0", seen.name());
        assertArrayEquals(new byte[] {(byte) 192, 0, 2, 1}, seen.address());
        assertArrayEquals(new int[] {1, 2, 3}, seen.slots());
        assertEquals(new Point((short) -3, (short) 4), seen.corner());
        assertEquals(
                List.of(new Point((short) 1, (short) 2), new Point((short) 3, (short) 4)),
                seen.path());
        assertEquals(0x01020304, seen.word());
        assertEquals(5, seen.low());
        assertEquals(-60, seen.middle());
        assertEquals(0xfedcba9876L, seen.high());
        assertEquals(0, seen.pointer());
        assertEquals("HUGE_VALUE", seen.big());
    }

    @Test
    void recordIsPutAsItWasRead(BpfProgram touch, Map<Color, Everything> table, BpfObject object) {
        touch.run(PACKET);
        table.put(Color.RED, table.get(Color.GREEN));
        Map<Color, byte[]> bytes = object.map("table").view(Color.class, byte[].class);
        assertArrayEquals(bytes.get(Color.GREEN), bytes.get(Color.RED));
    }

    record Part(BigInteger counter, List<Byte> address, List<Integer> octets) {}

    @Test
    void recordMayHaveSomeMembers(BpfProgram touch, BpfMap table) {
        touch.run(PACKET);
        Map<String, Part> parts = table.view(String.class, Part.class);
        assertEquals(
                new Part(
                        new BigInteger("18446744073709551615"),
                        List.of((byte) 192, (byte) 0, (byte) 2, (byte) 1),
                        List.of(4, 3, 2, 1)),
                parts.get("GREEN"));
        parts.put(
                "RED",
                new Part(
                        BigInteger.TWO,
                        List.of((byte) 1, (byte) 2, (byte) 3, (byte) 4),
                        List.of(0, 0, 0, 0)));
        // the other members are zero
        assertEquals(0, table.view(Color.class, Everything.class).get(Color.RED).port());
    }

    @Test
    void valueWithoutTypeIsMap(BpfProgram touch, BpfMap table) {
        touch.run(PACKET);
        Map<?, ?> value = (Map<?, ?>) table.view(String.class, Object.class).get("GREEN");
        assertEquals(new BigInteger("18446744073709551615"), value.get("counter"));
        assertEquals("BLUE", value.get("color"));
        assertEquals(Map.of("x", -3L, "y", 4L), value.get("corner"));
        assertEquals(List.of(1L, 2L, 3L), value.get("slots"));
        assertEquals("eth0", value.get("name"));
    }

    record TooNarrow(byte tiny, int counter) {}

    record NoSuchMember(int tony) {}

    enum Shade {
        RED,
        PINK
    }

    @Test
    void typesAreCheckedBeforeAnythingIsRead(BpfMap table) {
        assertMessage(
                "value of map table.counter is unsigned long long, which cannot be seen as int; use"
                        + " long or BigInteger",
                () -> table.view(Color.class, TooNarrow.class));
        assertMessage(
                "value of map table: struct everything has no member tony",
                () -> table.view(Color.class, NoSuchMember.class));
        assertMessage(
                "key of map table: enum color has no PINK; it has RED, GREEN, BLUE",
                () -> table.view(Shade.class, Object.class));
        assertMessage(
                "value of map table is struct everything, which cannot be seen as"
                        + " java.lang.String; use a record",
                () -> table.view(Color.class, String.class));
    }

    record Bits(int low, int middle, Point corner, String name) {}

    @Test
    void valuesAreCheckedWhenTheyAreWritten(BpfMap table) {
        Map<Color, Bits> bits = table.view(Color.class, Bits.class);
        Point corner = new Point((short) 0, (short) 0);
        bits.put(Color.RED, new Bits(7, -64, corner, "12345678"));
        assertEquals(new Bits(7, -64, corner, "12345678"), bits.get(Color.RED));
        assertMessage(
                "value 8 does not fit u3 value of map table.low",
                () -> bits.put(Color.RED, new Bits(8, 0, corner, "")));
        assertMessage(
                "value 64 does not fit s7 value of map table.middle",
                () -> bits.put(Color.RED, new Bits(0, 64, corner, "")));
        assertMessage(
                "'123456789' is longer than char[8]",
                () -> bits.put(Color.RED, new Bits(0, 0, corner, "123456789")));
        // nothing of it was written
        assertEquals(new Bits(7, -64, corner, "12345678"), bits.get(Color.RED));
    }

    private static void assertMessage(String expected, Runnable action) {
        BpfException thrown = assertThrows(BpfException.class, action::run);
        assertTrue(thrown.getMessage().contains(expected), thrown.getMessage());
        assertEquals(BpfException.Kind.USAGE, thrown.kind());
    }

    @Test
    void hashIsMap(BpfMap table) {
        Map<Color, Bits> map = table.view(Color.class, Bits.class);
        Bits one = new Bits(1, 0, new Point((short) 0, (short) 0), "one");
        Bits two = new Bits(2, 0, new Point((short) 0, (short) 0), "two");
        assertTrue(map.isEmpty());
        assertNull(map.get(Color.RED));
        assertNull(map.replace(Color.RED, one));
        assertNull(map.put(Color.RED, one));
        assertEquals(one, map.put(Color.RED, two));
        assertEquals(two, map.putIfAbsent(Color.RED, one));
        assertNull(map.putIfAbsent(Color.BLUE, one));
        assertEquals(Map.of(Color.RED, two, Color.BLUE, one), map);
        assertEquals(Set.of(Color.RED, Color.BLUE), map.keySet());
        assertTrue(map.containsKey(Color.BLUE));
        assertFalse(((Map<?, ?>) map).containsKey("BLUE"));
        BpfException full =
                assertThrows(BpfException.class, () -> map.putIfAbsent(Color.GREEN, one));
        assertEquals(Optional.of("E2BIG"), full.errno());
        assertEquals(one, map.remove(Color.BLUE));
        assertNull(map.remove(Color.BLUE));
        map.entrySet().forEach(entry -> entry.setValue(one));
        assertEquals(one, map.get(Color.RED));
        map.clear();
        assertEquals(0, map.size());
    }

    @Test
    void arrayIsMapOfAllIndices(Map<Integer, Point> points) {
        Point zero = new Point((short) 0, (short) 0);
        assertEquals(Map.of(0, zero, 1, zero, 2, zero, 3, zero), points);
        Point moved = new Point(Short.MIN_VALUE, Short.MAX_VALUE);
        assertEquals(zero, points.put(2, moved));
        assertEquals(moved, points.get(2));
        assertNull(points.get(4));
        assertEquals(
                Optional.of("EINVAL"),
                assertThrows(BpfException.class, () -> points.remove(2)).errno());
        assertEquals(
                Optional.of("E2BIG"),
                assertThrows(BpfException.class, () -> points.put(4, moved)).errno());
    }

    @Test
    void perCpuMapHasListOfValues(BpfProgram touch, Map<Integer, List<Integer>> runs) {
        touch.run(PACKET);
        touch.run(BpfInput.packet(PACKET).cpu(1).repeat(4));
        assertEquals(List.of(1, 4), runs.get(0));
        runs.put(0, List.of(-1, 7));
        assertEquals(List.of(-1, 7), runs.get(0));
        touch.run(BpfInput.packet(PACKET).cpu(1));
        assertEquals(List.of(-1, 8), runs.get(0));
    }

    record Prefix(int length, byte[] address) {}

    @Test
    void trieFindsTheLongestPrefix(Map<Prefix, Integer> routes) {
        routes.put(new Prefix(8, new byte[] {10, 0, 0, 0}), 1);
        routes.put(new Prefix(24, new byte[] {10, 1, 2, 0}), 2);
        assertEquals(2, routes.get(new Prefix(32, new byte[] {10, 1, 2, 3})));
        assertEquals(1, routes.get(new Prefix(32, new byte[] {10, 9, 9, 9})));
        assertNull(routes.get(new Prefix(32, new byte[] {11, 9, 9, 9})));
        assertEquals(2, routes.size());
    }

    @Test
    void queueAndStack(BpfProgram touch, Queue<Long> queue, Queue<Long> stack) {
        assertNull(queue.peek());
        assertNull(queue.poll());
        touch.run(PACKET);
        assertTrue(queue.offer(5L));
        assertFalse(queue.offer(6L));
        assertTrue(stack.offer(5L));
        assertEquals(List.of(64L, 5L), List.copyOf(queue));
        assertEquals(List.of(5L, 64L), List.copyOf(stack));
        assertEquals(64, queue.peek());
        assertEquals(5, stack.peek());
        assertEquals(64, queue.remove());
        assertEquals(5, stack.remove());
        assertEquals(1, queue.size());
    }

    record Event(int length, String text) {}

    @Test
    void listenersHearOfRecordsWhenTheRunIsOver(BpfProgram touch, BpfMap events) {
        List<Event> typed = new ArrayList<>();
        List<BpfEvent> raw = new ArrayList<>();
        events.onEvent(Event.class, "event", typed::add);
        events.onEvent(raw::add);
        touch.run(PACKET);
        touch.runAll(List.of(PACKET, new byte[100]));
        assertEquals(
                List.of(new Event(64, "packet"), new Event(64, "packet"), new Event(100, "packet")),
                typed);
        assertEquals(3, raw.size());
        assertEquals(16, raw.getFirst().data().length);
    }

    @Test
    void listenerNeedsItsType(BpfMap events, BpfMap table) {
        assertMessage(
                "knows no type nothing", () -> events.onEvent(Event.class, "nothing", event -> {}));
        assertMessage("is neither a ring buffer", () -> table.onEvent(event -> {}));
    }

    @Test
    void globalsAreReadAndSet(
            BpfProgram touch,
            BpfGlobal<Integer> threshold,
            BpfGlobal<Long> total,
            BpfGlobal<Point> origin) {
        assertEquals(7, threshold.get());
        assertEquals(new Point((short) -1, (short) 2), origin.get());
        threshold.set(6);
        origin.set(new Point((short) 10, (short) 20));
        assertEquals("XDP_PASS", touch.run(PACKET).name());
        assertEquals(65, total.get());
        assertEquals(new Point((short) 11, (short) 20), origin.get());
    }

    @Test
    void globalThatIsMissingIsSaidSo(BpfObject object) {
        assertMessage("no global variable totel", () -> object.global("totel", Long.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"queue", "events"})
    void mapsWithoutKeysHaveNoView(String name) throws Exception {
        try (BpfObject object = BpfObject.open(Path.of("src/test/fixtures/api/types.o"))) {
            assertMessage("has no keys", () -> object.map(name).view(Integer.class, Long.class));
        }
    }

    @Test
    void wrongViewOfPerCpuMapIsSaidSo(BpfMap runs, BpfMap points) {
        assertMessage("use perCpuView", () -> runs.view(Integer.class, Integer.class));
        assertMessage("use view", () -> points.perCpuView(Integer.class, Point.class));
        Map<Integer, List<Integer>> view = runs.perCpuView(Integer.class, Integer.class);
        assertEquals(
                Optional.of("EINVAL"),
                assertThrows(BpfException.class, () -> view.put(0, Arrays.asList(1))).errno());
    }
}

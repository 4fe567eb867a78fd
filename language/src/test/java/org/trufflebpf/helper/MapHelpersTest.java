package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.map.PerfEventArrayMap;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/**
 * Map, ring buffer and perf event helpers: that calls reach the right map with the right arguments.
 */
class MapHelpersTest {
    private final Bench bench = new Bench(ProgramType.XDP).enter(Packets.TCP, null);

    private BpfMap map(MapType type, int key, int value, int entries) {
        MapSpec spec =
                new MapSpec(
                        "m",
                        type,
                        key,
                        value,
                        entries,
                        0,
                        0,
                        -1,
                        false,
                        0,
                        0,
                        null,
                        List.of(),
                        null,
                        MapSpec.Kind.DECLARED);
        return MapFactory.create(spec, bench.machine.mapHost(ByteOrder.LITTLE_ENDIAN));
    }

    @Test
    void hash() {
        BpfMap map = map(MapType.HASH, 4, 8, 10);
        long key = bench.buffer(4);
        long value = bench.buffer(8);
        assertEquals(0, bench.call("map_lookup_elem", map.handle(), key));
        assertEquals(0, bench.call("map_update_elem", map.handle(), key, value, 0));
        long found = bench.call("map_lookup_elem", map.handle(), key);
        assertNotEquals(0, found);
        assertEquals(bench.memory.getLong(value), bench.memory.getLong(found));
        assertEquals(-17, bench.call("map_update_elem", map.handle(), key, value, 1));
        assertEquals(0, bench.call("map_delete_elem", map.handle(), key));
        assertEquals(-2, bench.call("map_delete_elem", map.handle(), key));
    }

    @Test
    void queue() {
        BpfMap map = map(MapType.QUEUE, 0, 8, 2);
        long value = bench.buffer(8);
        bench.memory.putLong(value, 7);
        assertEquals(0, bench.call("map_push_elem", map.handle(), value, 0));
        bench.memory.putLong(value, 0);
        assertEquals(0, bench.call("map_peek_elem", map.handle(), value));
        assertEquals(7, bench.memory.getLong(value));
        assertEquals(0, bench.call("map_pop_elem", map.handle(), value));
        assertEquals(-2, bench.call("map_pop_elem", map.handle(), value));
    }

    @Test
    void percpuLookup() {
        BpfMap map = map(MapType.PERCPU_ARRAY, 4, 8, 1);
        long key = bench.buffer(4);
        bench.memory.putInt(key, 0);
        long first = bench.call("map_lookup_percpu_elem", map.handle(), key, 0);
        long second = bench.call("map_lookup_percpu_elem", map.handle(), key, 1);
        assertNotEquals(first, second);
        assertEquals(0, bench.call("map_lookup_percpu_elem", map.handle(), key, 2));
    }

    @Test
    void ringBuffer() {
        RingbufMap ring = (RingbufMap) map(MapType.RINGBUF, 0, 0, 4096);
        long record = bench.call("ringbuf_reserve", ring.handle(), 8, 0);
        bench.memory.putLong(record, 42);
        bench.call("ringbuf_submit", record, 0);
        assertEquals(16, bench.call("ringbuf_query", ring.handle(), 0));
        bench.call("ringbuf_discard", bench.call("ringbuf_reserve", ring.handle(), 8, 0), 0);
        long data = bench.buffer(3);
        assertEquals(0, bench.call("ringbuf_output", ring.handle(), data, 3, 0));
        assertEquals(-22, bench.call("ringbuf_output", ring.handle(), data, 3, 8));
        assertArrayEquals(HexFormat.of().parseHex("2a00000000000000"), ring.poll());
        assertArrayEquals(HexFormat.of().parseHex("eeeeee"), ring.poll());
        BpfException e =
                assertThrows(BpfException.class, () -> bench.call("ringbuf_submit", record, 0));
        assertTrue(e.getMessage().contains("ring buffer record"), e.getMessage());
    }

    @Test
    void perfEventsTakePacketBytesAlong() {
        PerfEventArrayMap events = (PerfEventArrayMap) map(MapType.PERF_EVENT_ARRAY, 4, 4, 2);
        long data = bench.buffer(4);
        long current = 0xffffffffL;
        assertEquals(
                0,
                bench.call(
                        "perf_event_output", bench.context(), events.handle(), current, data, 4));
        assertEquals(
                0,
                bench.call(
                        "perf_event_output",
                        bench.context(),
                        events.handle(),
                        current | 6L << 32,
                        data,
                        4));
        assertEquals(
                -14,
                bench.call(
                        "perf_event_output",
                        bench.context(),
                        events.handle(),
                        current | 5000L << 32,
                        data,
                        4));
        assertEquals(
                -22,
                bench.call(
                        "perf_event_output", bench.context(), events.handle(), 1L << 60, data, 4));
        assertEquals(
                -7,
                bench.call("perf_event_output", bench.context(), events.handle(), 100, data, 4));
        assertArrayEquals(HexFormat.of().parseHex("eeeeeeee"), events.poll(0));
        assertArrayEquals(HexFormat.of().parseHex("eeeeeeee020000000002"), events.poll(0));
    }

    @Test
    void wrongMapsAreNamed() {
        BpfMap queue = map(MapType.QUEUE, 0, 8, 2);
        BpfException type =
                assertThrows(
                        BpfException.class,
                        () -> bench.call("map_lookup_elem", queue.handle(), bench.buffer(8)));
        assertEquals(
                "cannot pass map m of type queue into func bpf_map_lookup_elem#1",
                type.getMessage());
        BpfException none =
                assertThrows(
                        BpfException.class,
                        () -> bench.call("map_lookup_elem", 5, bench.buffer(8)));
        assertEquals(
                "helper bpf_map_lookup_elem#1: argument 1 (r1) is 0x5, expected a map",
                none.getMessage());
    }

    @Test
    void wrongMemoryIsNamed() {
        BpfMap map = map(MapType.HASH, 16, 8, 10);
        long key = bench.buffer(8);
        BpfException e =
                assertThrows(
                        BpfException.class, () -> bench.call("map_lookup_elem", map.handle(), key));
        assertEquals(
                "helper bpf_map_lookup_elem#1: argument 2 (r2): invalid read of 16 bytes at offset"
                        + " 0 of map value of buffer (8 bytes): out of bounds",
                e.getMessage());
    }
}

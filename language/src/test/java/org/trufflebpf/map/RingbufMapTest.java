package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records of a ring buffer: room, order, header, wrapping, access. */
class RingbufMapTest {
    private final RingbufMap ring = (RingbufMap) Maps.create(MapType.RINGBUF, 0, 0, 4096, 0);
    private final Memory memory = ring.memory();

    @Test
    void recordsComeInOrderUpToTheFirstBusyOne() {
        long a = ring.reserve(4, 0);
        long b = ring.reserve(5, 0);
        long c = ring.reserve(6, 0);
        memory.fill(b, 5, (byte) 2);
        memory.fill(c, 6, (byte) 3);
        ring.submit(b, 0);
        assertNull(ring.poll());
        ring.discard(a, 0);
        assertArrayEquals(new byte[] {2, 2, 2, 2, 2}, ring.poll());
        assertNull(ring.poll());
        ring.submit(c, 0);
        List<Integer> lengths = new ArrayList<>();
        assertEquals(1, ring.consume(record -> lengths.add(record.length)));
        assertEquals(List.of(6), lengths);
        assertEquals(0, ring.query(MapFlags.BPF_RB_AVAIL_DATA));
    }

    @Test
    void positionsAndHeaders() {
        assertEquals(4096, ring.query(MapFlags.BPF_RB_RING_SIZE));
        long a = ring.reserve(9, 0);
        assertEquals(24, ring.query(MapFlags.BPF_RB_PROD_POS));
        assertEquals(24, ring.query(MapFlags.BPF_RB_AVAIL_DATA));
        assertEquals(0, ring.query(MapFlags.BPF_RB_CONS_POS));
        assertEquals(0, ring.query(99));
        assertEquals(9 | 1 << 31, memory.getInt(a - 8));
        ring.submit(a, 0);
        assertEquals(9, memory.getInt(a - 8));
        long b = ring.reserve(1, 0);
        assertEquals(a + 24, b);
        ring.discard(b, 0);
        assertEquals(1 | 1 << 30, memory.getInt(b - 8));
    }

    @Test
    void roomIsWhatTheKernelHas() {
        assertEquals(0, ring.reserve(4096, 0));
        // a record may take all but 8 bytes: header 8, data 4080
        assertEquals(0, ring.reserve(4088, 0));
        long whole = ring.reserve(4080, 0);
        assertNotEquals(0, whole);
        assertEquals(0, ring.reserve(0, 0));
        ring.discard(whole, 0);
        assertEquals(0, ring.reserve(8, 0));
        assertNull(ring.poll());
        assertNotEquals(0, ring.reserve(8, 0));
        assertEquals(0, ring.reserve(8, 1));
        assertEquals(0, ring.reserve(-1, 0));
        assertEquals(0, ring.reserve(1L << 31, 0));
    }

    @Test
    void outputCopies() {
        long source = memory.reserve(3000, "source");
        assertEquals(0, ring.output(source, 3000, 0));
        assertEquals(Errno.EAGAIN.negative(), ring.output(source, 3000, 0));
        assertEquals(Errno.EINVAL.negative(), ring.output(source, 8, 4));
        assertEquals(3000, ring.poll().length);
        assertEquals(0, ring.output(source, 3000, MapFlags.BPF_RB_NO_WAKEUP));
    }

    @Test
    void onlyOpenRecordsAreAccessible() {
        long a = ring.reserve(12, 0);
        assertTrue(memory.isAccessible(a, 12, true));
        assertFalse(memory.isAccessible(a, 13, true));
        assertFalse(memory.isAccessible(a - 8, 4, false));
        assertSame(ring, RingbufMap.of(memory, a));
        ring.submit(a, 0);
        assertFalse(memory.isAccessible(a, 1, false));
        assertThrows(BpfException.class, () -> ring.submit(a, 0));
        assertThrows(BpfException.class, () -> ring.discard(a + 8, 0));
    }

    @Test
    void recordsMayRunOverTheEnd() {
        Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            byte[] data = new byte[random.nextInt(600)];
            random.nextBytes(data);
            long record = ring.reserve(data.length, 0);
            assertNotEquals(0, record);
            memory.write(record, data);
            ring.submit(record, 0);
            assertArrayEquals(data, ring.poll());
        }
    }

    @Test
    void wakesWhoCaughtUp() {
        int[] wakeups = new int[1];
        ring.setWakeup(() -> wakeups[0]++);
        ring.submit(ring.reserve(8, 0), 0);
        assertEquals(1, wakeups[0]);
        ring.submit(ring.reserve(8, 0), 0);
        assertEquals(1, wakeups[0]);
        ring.submit(ring.reserve(8, 0), MapFlags.BPF_RB_FORCE_WAKEUP);
        assertEquals(2, wakeups[0]);
        assertEquals(3, ring.consume(record -> {}));
        ring.submit(ring.reserve(8, 0), MapFlags.BPF_RB_NO_WAKEUP);
        assertEquals(2, wakeups[0]);
    }
}

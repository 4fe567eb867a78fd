package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.testing.Mode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Records of ring buffers in programs that no verifier has seen (fixture faults/ring), where the
 * helpers are compiled into the program: what is no record is refused, whatever ran before.
 */
class RingRecordTest {
    private static final String NO_RECORD = ", expected a reserved ring buffer record";

    /** Program, the end of its message, the line. */
    private static final String[][] CASES = {
        {
            "write_behind",
            "invalid write of 8 bytes at offset 24 of ring buffer record of ring (8192 bytes): out"
                    + " of bounds",
            "r[2] = 2;"
        },
        {
            "write_header",
            "invalid write of 8 bytes at offset 0 of ring buffer record of ring (8192 bytes): out"
                    + " of bounds",
            "r[-1] = 1;"
        },
        {
            "read_after_submit",
            "invalid read of 8 bytes at offset 8 of ring buffer record of ring (8192 bytes): out of"
                    + " bounds",
            "return r[0];"
        },
        {
            "write_after_discard",
            "invalid write of 8 bytes at offset 8 of ring buffer record of ring (8192 bytes): out"
                    + " of bounds",
            "r[0] = 1;"
        },
        {"submit_twice", NO_RECORD, "bpf_ringbuf_submit(r, 0);"},
        {"submit_inside", NO_RECORD, "bpf_ringbuf_submit(r + 1, 0);"},
        {"submit_stack", NO_RECORD, "bpf_ringbuf_submit(r, 0);"},
        {"submit_number", NO_RECORD, "bpf_ringbuf_discard(r, 0);"},
        {
            "reserve_in_hash",
            "cannot pass map table of type hash into func bpf_ringbuf_reserve#131",
            "return !bpf_ringbuf_reserve(&table, 16, 0);"
        },
    };

    static Stream<Arguments> cases() {
        return Stream.of(CASES)
                .flatMap(
                        row ->
                                Stream.of(Mode.values())
                                        .map(mode -> Arguments.of(row[0], mode, row[1], row[2])));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void whatIsNoRecordFaults(String name, Mode mode, String message, String line) {
        try (Guest guest = new Guest(mode)) {
            Value object = guest.fixture("faults/ring.o");
            Value program = object.getMember("programs").getMember(name);
            for (int i = 0; i < 3; i++) {
                String met = faults(program, line);
                // a ring that has records has none at that offset
                assertTrue(i > 0 || met.endsWith(message), met);
                assertEquals(message.contains("record"), met.contains("record"), met);
            }
        }
    }

    private static String faults(Value program, String line) {
        PolyglotException e =
                assertThrows(PolyglotException.class, () -> Guest.run(program, new byte[16]));
        assertFalse(e.isInternalError());
        assertEquals("TRAP", Guest.member(e, "failure"));
        String source = Guest.member(e, "source");
        assertTrue(source.startsWith("ring.c:") && source.endsWith(line), source);
        return Guest.member(e, "message");
    }

    /** The kernel takes no flags, and no more than the ring has room for with the header. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void onlySizesThatFitAreReserved(Mode mode) {
        try (Guest guest = new Guest(mode)) {
            Value program =
                    guest.fixture("faults/ring.o").getMember("programs").getMember("any_size");
            long[][] rows = {
                {8, 0, 1},
                {0, 0, 1},
                {4080, 0, 1},
                {8, 1, 0},
                {4089, 0, 0},
                {4096, 0, 0},
                {-1, 0, 0},
                {-8, 0, 0},
                {Long.MIN_VALUE, 0, 0},
                {0xffff_fff8L, 0, 0},
                {0x1_0000_0008L, 0, 0},
                {8, 0, 1},
            };
            for (long[] row : rows) {
                assertEquals(
                        row[2],
                        Guest.run(program, words(row[0], row[1])).retval(),
                        Long.toHexString(row[0]) + " " + row[1]);
            }
        }
    }

    /** Many more records than fit at once: each comes out whole and in order, or not at all. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void recordsAreWhole(Mode mode) {
        try (Guest guest = new Guest(mode)) {
            Value object = guest.fixture("faults/ring.o");
            Value program = object.getMember("programs").getMember("keep_even");
            Value bad = object.getMember("programs").getMember("submit_twice");
            for (long i = 0; i < 1000; i++) {
                List<byte[]> events = events(program, words(i, 0));
                if (i > 0 && i % 100 == 0) {
                    assertEquals(16, events.removeFirst().length, "the first submit counts");
                }
                if (i % 2 == 0) {
                    assertArrayEquals(words(i, ~i), events.removeFirst());
                }
                assertEquals(List.of(), events);
                if (i % 100 == 99) {
                    faults(bad, "bpf_ringbuf_submit(r, 0);");
                }
            }
        }
    }

    /** Runs a program; the records that user space gets. */
    private static List<byte[]> events(Value program, byte[] packet) {
        Value events =
                program.invokeMember(
                                "run", ProxyObject.fromMap(Map.of("data", ByteBuffer.wrap(packet))))
                        .getMember("events");
        List<byte[]> records = new ArrayList<>();
        for (long i = 0; i < events.getArraySize(); i++) {
            records.add(Guest.bytes(events.getArrayElement(i).getMember("data")));
        }
        return records;
    }

    private static byte[] words(long first, long second) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(first)
                .putLong(second)
                .array();
    }
}

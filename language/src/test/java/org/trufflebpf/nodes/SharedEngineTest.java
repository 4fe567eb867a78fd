package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.testing.Mode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Code that contexts share holds the state of none; state that threads share is changed atomically.
 */
class SharedEngineTest {
    private static final Source WILD = Guest.fixtureSource("faults/wild.o");

    /** The parsed object and its code are the engine's, maps and globals each context's own. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void contextsShareCodeAndNoState(Mode mode) {
        try (Engine engine = mode.engine().build();
                Guest first = guest(engine);
                Guest second = guest(engine)) {
            Value one = counter(first, 100);
            Value two = counter(second, 70_000);
            for (int i = 1; i <= 5; i++) {
                assertEquals(100 + 3L * i, count(one, 3));
                assertEquals(70_000 + 2000L * i, count(two, 2000));
            }
            try (Guest third = guest(engine)) {
                assertEquals(
                        2000,
                        count(counter(third, 0), 2000),
                        "a context that comes later starts anew");
            }
            assertEquals(List.of(115L, 15L, 15L), totals(one));
            assertEquals(List.of(80_000L, 10_000L, 10_000L), totals(two));
        }
    }

    /** Callbacks and functions by address: their addresses differ from context to context. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void addressesOfMapsAndFunctionsAreTheContexts(Mode mode) {
        try (Engine engine = mode.engine().build();
                Guest first = guest(engine);
                Guest second = guest(engine)) {
            // other maps and functions shift the addresses in the second context
            second.fixture("maps/map_in_map.o").getMember("maps").getMember("outer");
            counter(second, 1);
            byte[] code = InsnPrograms.of(Opcode.CALLX).code();
            byte[] memory = InsnPrograms.of(Opcode.CALLX).memory();
            Source source = Guest.rawSource(code);
            byte[] expected = null;
            for (Guest guest : List.of(first, second, first, second)) {
                Value program =
                        guest.context().eval(source).getMember("programs").getMember("main");
                byte[] data = Guest.run(program, memory).data();
                expected = expected == null ? data : expected;
                assertEquals(ByteBuffer.wrap(expected), ByteBuffer.wrap(data));
            }
            Source tail = Guest.fixtureSource("calls/tail_limit.o");
            for (Guest guest : List.of(first, second)) {
                Value object = guest.context().eval(tail);
                object.getMember("maps").getMember("jumps").invokeMember("set", "0", "again");
                assertEquals(
                        5,
                        Guest.run(object.getMember("programs").getMember("again"), new byte[64])
                                .retval());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"INTERPRETED", "COMPILED"})
    void threadsCountExactly(Mode mode) throws Exception {
        int threads = 8;
        int runs = 50;
        int times = 400;
        try (Guest guest = new Guest(mode);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Value counter = counter(guest, 0);
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(
                        pool.submit(
                                () -> {
                                    start.await();
                                    for (int run = 0; run < runs; run++) {
                                        count(counter, times);
                                    }
                                    return null;
                                }));
            }
            start.countDown();
            for (Future<?> future : running) {
                future.get();
            }
            long total = (long) threads * runs * times;
            assertEquals(List.of(total, total, total), totals(counter));
        }
    }

    private static Guest guest(Engine engine) {
        return new Guest(Mode.INTERPRETED.context(engine).build());
    }

    /** The fixture's object with {@code value} in the array's first slot and a zero in the hash. */
    private static Value counter(Guest guest, long value) {
        Value object = guest.context().eval(WILD);
        Value maps = object.getMember("maps");
        byte[] key = {0, 0, 0, 0};
        byte[] first =
                ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        maps.getMember("values")
                .invokeMember("update", ByteBuffer.wrap(key), ByteBuffer.wrap(first));
        maps.getMember("table")
                .invokeMember("update", ByteBuffer.wrap(key), ByteBuffer.wrap(new byte[8]));
        return object;
    }

    private static long count(Value object, int times) {
        byte[] packet =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(times).array();
        return Guest.run(object.getMember("programs").getMember("counter"), packet).retval();
    }

    /** What array, hash and global counted. */
    private static List<Long> totals(Value object) {
        return List.of(first(object, "values"), first(object, "table"), first(object, ".bss"));
    }

    private static long first(Value object, String map) {
        Value entries = object.getMember("maps").getMember(map).invokeMember("entries");
        byte[] value = Guest.bytes(entries.getArrayElement(0).getMember("value"));
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}

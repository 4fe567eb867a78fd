package org.trufflebpf.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.junit.BpfObjectFile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A program on all virtual CPUs at once, each a thread of its own, many thousand steps: nothing is
 * lost, doubled or mixed, while the host looks and changes.
 */
@BpfObjectFile(value = "src/test/fixtures/api/threads.o", options = "ebpf.Cpus=" + BpfCpusTest.CPUS)
class BpfCpusTest {
    static final int CPUS = 4;
    private static final int SERIES = 10;
    private static final int STEPS = 1000;

    /** Records that a CPU can have sent, the one after all others included. */
    private static final int RECORDS = SERIES * STEPS + 1;

    private static final long LOCK = 4;
    private static final int KEYS = 1000;
    private static final int LRU_ENTRIES = 256;
    private static final long MAGIC = 0x74727566666c65L;

    /** Runs on every CPU, and meanwhile what the host does, until all are done. */
    private static void onAllCpus(BpfProgram program, Runnable meanwhile)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(CPUS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CPUS; i++) {
                int cpu = i;
                Callable<?> series =
                        () -> {
                            for (int round = 0; round < SERIES; round++) {
                                program.run(BpfInput.packet(new byte[64]).cpu(cpu).repeat(STEPS));
                            }
                            return null;
                        };
                running.add(threads.submit(series));
            }
            do {
                meanwhile.run();
            } while (!running.stream().allMatch(Future::isDone));
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    private static void idle() {
        Thread.yield();
    }

    @Test
    void countersLoseNothing(
            BpfProgram count,
            Map<Integer, Long> counters,
            Map<Integer, List<Long>> own,
            BpfGlobal<Long> wrong)
            throws InterruptedException, ExecutionException {
        onAllCpus(count, BpfCpusTest::idle);
        assertEquals(0, wrong.get());
        assertEquals(
                (long) CPUS * SERIES * STEPS,
                counters.values().stream().mapToLong(Long::longValue).sum());
        // without an atomic operation: each CPU has its own
        long each = (long) SERIES * STEPS;
        assertEquals(List.of(each, each, each, each), own.get(0));
    }

    @Test
    void valuesUnderALockAreWhole(BpfProgram lock, BpfMap locks, BpfGlobal<Long> wrong)
            throws InterruptedException, ExecutionException {
        Value bytes = locks.value().getMember("bytes");
        onAllCpus(
                lock,
                () -> {
                    byte[] one =
                            Bytes.of(
                                    bytes.invokeMember(
                                            "lookup", ByteBuffer.wrap(new byte[4]), LOCK));
                    Value batch = bytes.invokeMember("lookupBatch", null, 2, LOCK);
                    byte[] both = Bytes.of(batch.getMember("values"));
                    assertEquals(2 * 24, both.length);
                    assertSame(one, 0);
                    assertSame(both, 0);
                    assertSame(both, 24);
                });
        assertEquals(0, wrong.get());
        byte[] all = Bytes.of(bytes.invokeMember("lookupBatch", null, 2).getMember("values"));
        assertEquals((long) CPUS * SERIES * STEPS, number(all, 8) + number(all, 24 + 8));
    }

    private static void assertSame(byte[] values, int at) {
        assertEquals(number(values, at + 8), number(values, at + 16));
    }

    private static long number(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"evict recent", "evict_here recent_here"})
    void lruMapsUnderPressure(String names, BpfObject object)
            throws InterruptedException, ExecutionException {
        String[] name = names.split(" ");
        Value bytes = object.map(name[1]).value().getMember("bytes");
        onAllCpus(
                object.program(name[0]),
                () -> {
                    Value batch = bytes.invokeMember("lookupBatch", null, 4 * KEYS);
                    byte[] values = Bytes.of(batch.getMember("values"));
                    for (int at = 0; at < values.length; at += 16) {
                        assertTrue(Long.compareUnsigned(number(values, at), KEYS) < 0);
                        assertEquals(MAGIC, number(values, at + 8));
                    }
                });
        assertEquals(0L, object.global("wrong", Long.class).get());
        Value batch = bytes.invokeMember("lookupBatch", null, 4 * KEYS);
        byte[] keys = Bytes.of(batch.getMember("keys"));
        byte[] values = Bytes.of(batch.getMember("values"));
        int count = batch.getMember("count").asInt();
        assertTrue(count > 0 && count <= LRU_ENTRIES, "elements " + count);
        boolean[] seen = new boolean[KEYS];
        for (int i = 0; i < count; i++) {
            int key = ByteBuffer.wrap(keys).order(ByteOrder.LITTLE_ENDIAN).getInt(4 * i);
            assertEquals(key, number(values, 16 * i), "the value is its key's");
            assertTrue(!seen[key], "key twice");
            seen[key] = true;
        }
    }

    @Test
    void recordsArriveOnce(BpfProgram send, BpfMap events, BpfGlobal<Long> lost)
            throws InterruptedException, ExecutionException {
        AtomicIntegerArray counts = new AtomicIntegerArray(CPUS);
        AtomicInteger doubled = new AtomicInteger();
        AtomicIntegerArray numbers = new AtomicIntegerArray(CPUS * RECORDS);
        events.onEvent(
                event -> {
                    ByteBuffer record =
                            ByteBuffer.wrap(event.data()).order(ByteOrder.LITTLE_ENDIAN);
                    int cpu = record.getInt();
                    int number = record.getInt();
                    counts.incrementAndGet(cpu);
                    doubled.addAndGet(numbers.getAndIncrement(cpu * RECORDS + number));
                });
        onAllCpus(send, BpfCpusTest::idle);
        send.run(new byte[64]);
        int sum = 0;
        for (int cpu = 0; cpu < CPUS; cpu++) {
            int count = counts.get(cpu);
            sum += count;
            int[] arrived = new int[count];
            for (int i = 0; i < count; i++) {
                arrived[i] = numbers.get(cpu * RECORDS + i);
            }
            int[] once = new int[count];
            Arrays.fill(once, 1);
            assertArrayEquals(once, arrived, "the numbers from 0 on, each once, of CPU " + cpu);
        }
        assertEquals(0, doubled.get());
        assertEquals(CPUS * SERIES * STEPS + 1L, sum + lost.get());
        assertTrue(sum > 0, "records " + sum);
    }

    @Test
    void aReplacedInnerMapIsTheOldOrTheNew(
            BpfProgram through, BpfObject object, BpfMap outer, BpfGlobal<Long> wrong)
            throws InterruptedException, ExecutionException {
        object.map("one").view(Integer.class, Long.class).put(0, 1L);
        object.map("two").view(Integer.class, Long.class).put(0, 2L);
        Map<Integer, byte[]> slots = outer.view(Integer.class, byte[].class);
        byte[][] inner = {slots.get(0), slots.get(1)};
        AtomicInteger turn = new AtomicInteger();
        onAllCpus(through, () -> slots.put(0, inner[turn.incrementAndGet() & 1]));
        assertTrue(turn.get() > 1, "replacements " + turn);
        assertEquals(0, wrong.get());
    }
}

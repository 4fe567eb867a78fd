package org.trufflebpf.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.trufflebpf.junit.BpfObjectFile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** One object in the hands of many threads. */
@BpfObjectFile("src/test/fixtures/api/types.o")
class BpfThreadsTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 2000;
    private static final byte[] PACKET = new byte[64];

    private static void inParallel(int tasks, Callable<?> task) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(tasks)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                running.add(threads.submit(task));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    /** The program counts with an atomic addition: no run is lost. */
    @Test
    void atomicAdditionsOfAllThreadsCount(BpfProgram touch, BpfGlobal<Long> total)
            throws Exception {
        inParallel(
                THREADS,
                () -> {
                    for (int i = 0; i < ROUNDS; i++) {
                        touch.run(PACKET);
                    }
                    return touch.runAll(Collections.nCopies(ROUNDS, PACKET));
                });
        assertEquals(1 + 2L * THREADS * ROUNDS * PACKET.length, total.get());
    }

    /** What one thread puts with putIfAbsent, no other thread puts. */
    @Test
    void putIfAbsentHasOneWinner(BpfMap table) throws Exception {
        Map<BpfMapTest.Color, BpfMapTest.Bits> map =
                table.view(BpfMapTest.Color.class, BpfMapTest.Bits.class);
        BpfMapTest.Point corner = new BpfMapTest.Point((short) 0, (short) 0);
        BpfMapTest.Bits value = new BpfMapTest.Bits(1, 2, corner, "mine");
        for (int round = 0; round < 200; round++) {
            AtomicInteger winners = new AtomicInteger();
            inParallel(
                    THREADS,
                    () ->
                            map.putIfAbsent(BpfMapTest.Color.RED, value) == null
                                    ? winners.incrementAndGet()
                                    : 0);
            assertEquals(1, winners.get());
            map.remove(BpfMapTest.Color.RED);
        }
    }

    /** Programs that insert, and readers and removers: each sees a whole value or none. */
    @Test
    void viewsMayBeUsedWhileProgramsRun(
            BpfProgram touch, Map<BpfMapTest.Color, BpfMapTest.Everything> table) throws Exception {
        AtomicInteger role = new AtomicInteger();
        inParallel(
                3,
                () -> {
                    int mine = role.getAndIncrement();
                    for (int i = 0; i < ROUNDS; i++) {
                        switch (mine) {
                            case 0 -> touch.run(PACKET);
                            case 1 -> table.remove(BpfMapTest.Color.GREEN);
                            default -> {
                                for (BpfMapTest.Everything value : table.values()) {
                                    assertEquals(-1, value.counter());
                                    assertEquals(0x01020304, value.word());
                                }
                            }
                        }
                    }
                    return null;
                });
        touch.run(PACKET);
        assertEquals(1, table.size());
    }

    /**
     * Each record is heard once. While one thread writes a record, those behind it wait in the
     * buffer, so that it may be full for a while.
     */
    @Test
    void recordsOfParallelRunsAreAllHeard(BpfProgram touch, BpfMap events, BpfGlobal<Long> lost)
            throws Exception {
        List<BpfEvent> heard = Collections.synchronizedList(new ArrayList<>());
        events.onEvent(heard::add);
        inParallel(
                THREADS,
                () -> {
                    IntStream.range(0, 500).forEach(i -> touch.run(PACKET));
                    return null;
                });
        touch.run(PACKET);
        assertEquals(THREADS * 500 + 1, heard.size() + lost.get());
    }
}

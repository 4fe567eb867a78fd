package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Several threads on one map: what must hold whatever the order. */
@Timeout(60)
class MapThreadsTest {
    private static final int THREADS = 4;
    private static final long SHORT = 700_000_000L;
    private static final long LONG = 20_000_000_000L;

    /** What one thread does until the time is over. */
    private interface Work {
        void run(int thread, AtomicBoolean stop) throws InterruptedException;
    }

    private static void inParallel(int threads, long nanos, Work work) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            running.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            work.run(number, stop);
                                        } catch (RuntimeException
                                                | Error
                                                | InterruptedException e) {
                                            failure.compareAndSet(null, e);
                                            stop.set(true);
                                        }
                                    }));
        }
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end && !stop.get()) {
            Thread.sleep(10);
        }
        stop.set(true);
        for (Thread thread : running) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    private static byte[] u32(int number) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"ARRAY", "HASH", "LRU_HASH"})
    void atomicCounters(MapType type) throws InterruptedException {
        BpfMap map = Maps.create(type, 4, 8, 8, 0);
        Memory memory = map.memory();
        for (int i = 0; i < 8; i++) {
            map.put(u32(i), new byte[8], 0);
        }
        AtomicLong expected = new AtomicLong();
        inParallel(
                THREADS,
                SHORT,
                (thread, stop) -> {
                    long key = memory.reserve(4, "key");
                    long count = 0;
                    while (!stop.get()) {
                        memory.putInt(key, (int) count & 7);
                        memory.getAndAddLong(map.lookup(key, thread & 1), 1);
                        count++;
                    }
                    expected.addAndGet(count);
                });
        long sum = 0;
        for (int i = 0; i < 8; i++) {
            sum += ByteBuffer.wrap(map.get(u32(i))).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
        assertEquals(expected.get(), sum);
    }

    @Test
    void spinLockInvariant() throws InterruptedException {
        ValueFields fields =
                new ValueFields(List.of(new ValueFields.Field(ValueFields.Kind.BPF_SPIN_LOCK, 0)));
        MapSpec spec = Maps.spec(MapType.ARRAY, 4, 24, 1, 0);
        BpfMap map = MapFactory.create(spec, Maps.host(), ignored -> fields);
        Memory memory = map.memory();
        AtomicLong expected = new AtomicLong();
        inParallel(
                THREADS,
                SHORT,
                (thread, stop) -> {
                    long key = memory.reserve(4, "key");
                    memory.putInt(key, 0);
                    long value = map.lookup(key, 0);
                    long count = 0;
                    while (!stop.get()) {
                        SpinLock.lock(memory, value);
                        long a = memory.getLong(value + 8);
                        long b = memory.getLong(value + 16);
                        assertEquals(a, -b);
                        memory.putLong(value + 8, a + 1);
                        memory.putLong(value + 16, b - 1);
                        SpinLock.unlock(memory, value);
                        count++;
                        if (count % 64 == 0) {
                            ByteBuffer seen =
                                    ByteBuffer.wrap(map.get(u32(0), MapFlags.BPF_F_LOCK))
                                            .order(ByteOrder.LITTLE_ENDIAN);
                            assertEquals(seen.getLong(8), -seen.getLong(16));
                        }
                    }
                    expected.addAndGet(count);
                });
        assertEquals(
                expected.get(),
                ByteBuffer.wrap(map.get(u32(0))).order(ByteOrder.LITTLE_ENDIAN).getLong(8));
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"HASH", "PERCPU_HASH", "LRU_HASH", "LRU_PERCPU_HASH"})
    void churn(MapType type) throws InterruptedException {
        churn(type, 0, SHORT);
    }

    @Test
    void churnOfPerCpuLists() throws InterruptedException {
        churn(MapType.LRU_HASH, MapFlags.BPF_F_NO_COMMON_LRU, SHORT);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"HASH", "PERCPU_HASH", "LRU_HASH", "LRU_PERCPU_HASH"})
    void longChurn(MapType type) throws InterruptedException {
        churn(type, 0, LONG);
    }

    /**
     * Inserts, deletes and reads; a value always belongs to its key, and no element is lost or
     * doubled.
     */
    private static void churn(MapType type, int flags, long nanos) throws InterruptedException {
        boolean lru = type == MapType.LRU_HASH || type == MapType.LRU_PERCPU_HASH;
        int entries = 64;
        BpfMap map = Maps.create(type, 8, 16, entries, flags);
        Memory memory = map.memory();
        AtomicLong operations = new AtomicLong();
        inParallel(
                THREADS,
                nanos,
                (thread, stop) -> {
                    long key = memory.reserve(8, "key");
                    long value = memory.reserve(16, "value");
                    Random random = new Random(thread);
                    long count = 0;
                    while (!stop.get()) {
                        long number = random.nextInt(lru ? 200 : 80);
                        memory.putLong(key, number);
                        int kind = random.nextInt(4);
                        if (kind == 0) {
                            long result = map.delete(key);
                            assertTrue(result == 0 || result == Errno.ENOENT.negative());
                        } else if (kind == 1) {
                            byte[] bytes = map.get(bytes(number));
                            if (bytes != null) {
                                checkValue(number, bytes);
                            }
                        } else if (kind == 2) {
                            map.lookup(key, thread & 1);
                        } else {
                            memory.putLong(value, number);
                            memory.putLong(value + 8, number * 0x9e3779b97f4a7c15L);
                            long result = map.update(key, value, 0, thread & 1);
                            assertTrue(
                                    result == 0
                                            || result == Errno.E2BIG.negative()
                                            || (lru && result == Errno.ENOMEM.negative()),
                                    () -> "update gave " + result);
                        }
                        count++;
                    }
                    operations.addAndGet(count);
                });
        assertTrue(operations.get() > 0, "operations " + operations);
        int found = 0;
        for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(key)) {
            long number = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getLong();
            checkValue(number, map.get(key));
            found++;
            assertTrue(found <= entries, "more elements than max_entries");
        }
        // nothing leaked: exactly max_entries fit again
        for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(null)) {
            map.remove(key);
        }
        byte[] value = new byte[type.isPerCpu() ? 16 * Maps.CPUS : 16];
        for (int i = 0; i < entries; i++) {
            if (!lru) {
                map.put(bytes(1000 + i), value, MapFlags.BPF_NOEXIST);
            }
        }
        if (!lru) {
            try {
                map.put(bytes(9999), value, 0);
                throw new AssertionError("one element too many fits");
            } catch (MapException e) {
                assertEquals(Errno.E2BIG, e.errno());
            }
        }
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    private static void checkValue(long number, byte[] bytes) {
        ByteBuffer value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean any = false;
        for (int i = 0; i < bytes.length; i += 16) {
            long first = value.getLong(i);
            long second = value.getLong(i + 8);
            assertTrue(
                    (first == number && second == number * 0x9e3779b97f4a7c15L)
                            || (bytes.length > 16 && first == 0 && second == 0)
                            || (bytes.length > 16 && first == number)
                            || (bytes.length > 16 && second == number * 0x9e3779b97f4a7c15L),
                    () -> "value " + first + " under key " + number);
            any |= first == number;
        }
        assertTrue(any || bytes.length > 16);
    }

    @Test
    void lruUnderPressureKeepsGoing() throws InterruptedException {
        for (int flags : new int[] {0, MapFlags.BPF_F_NO_COMMON_LRU}) {
            BpfMap map = Maps.create(MapType.LRU_HASH, 4, 4, 1000, flags);
            Memory memory = map.memory();
            inParallel(
                    THREADS,
                    SHORT / 2,
                    (thread, stop) -> {
                        long key = memory.reserve(4, "key");
                        int number = thread << 24;
                        while (!stop.get()) {
                            memory.putInt(key, number);
                            assertEquals(0, map.update(key, key, 0, thread & 1));
                            long value = map.lookup(key, 0);
                            number++;
                            assertTrue(value != 0 || number > 0);
                        }
                    });
            int count = 0;
            for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(key)) {
                assertArrayEquals(key, map.get(key));
                count++;
            }
            assertTrue(count > 500 && count <= 1000, "elements " + count);
        }
    }

    @Test
    void lpmLookupsWhileRoutesChange() throws InterruptedException {
        BpfMap map = Maps.create(MapType.LPM_TRIE, 8, 4, 300, MapFlags.BPF_F_NO_PREALLOC);
        Memory memory = map.memory();
        // 10.0.0.0/8 always exists with value 8; longer prefixes below it come and go with their
        // length as value
        map.put(new byte[] {8, 0, 0, 0, 10, 0, 0, 0}, u32(8), 0);
        inParallel(
                THREADS,
                SHORT,
                (thread, stop) -> {
                    long key = memory.reserve(8, "key");
                    long value = memory.reserve(4, "value");
                    Random random = new Random(thread);
                    while (!stop.get()) {
                        int length = 9 + random.nextInt(24);
                        memory.write(
                                key + 4,
                                new byte[] {
                                    10, (byte) random.nextInt(4), 7, (byte) random.nextInt(8)
                                });
                        if (thread == 0) {
                            memory.putInt(key, length);
                            memory.putInt(value, length);
                            long result =
                                    random.nextBoolean()
                                            ? map.update(key, value, 0, 0)
                                            : map.delete(key);
                            assertTrue(result <= 0);
                        } else {
                            memory.putInt(key, 32);
                            long found = map.lookup(key, 0);
                            assertTrue(found != 0);
                            int seen = memory.getInt(found);
                            assertTrue(seen >= 8 && seen <= 32, () -> "value " + seen);
                        }
                    }
                });
    }

    @Test
    void ringbufProducersAndConsumer() throws InterruptedException {
        RingbufMap ring = (RingbufMap) Maps.create(MapType.RINGBUF, 0, 0, 4096, 0);
        Memory memory = ring.memory();
        AtomicLong sent = new AtomicLong();
        long[] last = new long[THREADS];
        AtomicLong received = new AtomicLong();
        RingbufMap.Consumer consumer =
                record -> {
                    ByteBuffer buffer = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
                    int thread = buffer.getInt();
                    int number = buffer.getInt();
                    assertTrue(number > last[thread], "records of one thread come in order");
                    last[thread] = number;
                    for (int i = 8; i < record.length; i++) {
                        assertEquals((byte) number, record[i]);
                    }
                    received.incrementAndGet();
                };
        inParallel(
                THREADS,
                SHORT,
                (thread, stop) -> {
                    if (thread == 0) {
                        while (!stop.get()) {
                            ring.consume(consumer);
                        }
                        return;
                    }
                    Random random = new Random(thread);
                    int number = 1;
                    while (!stop.get()) {
                        int extra = random.nextInt(100);
                        long record = ring.reserve(8 + extra, 0);
                        if (record == 0) {
                            Thread.yield();
                            continue;
                        }
                        memory.putInt(record, thread);
                        memory.putInt(record + 4, number);
                        memory.fill(record + 8, extra, (byte) number);
                        number++;
                        if (random.nextInt(10) == 0) {
                            ring.discard(record, 0);
                        } else {
                            ring.submit(record, 0);
                            sent.incrementAndGet();
                        }
                    }
                });
        ring.consume(consumer);
        assertEquals(sent.get(), received.get());
        assertTrue(sent.get() > 0);
    }

    @Test
    void innerMapsReplacedWhileInUse() throws InterruptedException {
        MapHost host = Maps.host();
        MapSpec template = Maps.spec(MapType.ARRAY, 4, 8, 1, 0);
        for (MapType type : new MapType[] {MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS}) {
            BpfMap outer = MapFactory.create(Maps.spec("o", type, 4, 4, 1, 0, 0, template), host);
            BpfMap[] inner = {MapFactory.create(template, host), MapFactory.create(template, host)};
            inner[0].put(u32(0), bytes(0), 0);
            inner[1].put(u32(0), bytes(1), 0);
            ((MapOfMaps) outer).setInner(u32(0), inner[0], 0);
            Memory memory = host.memory();
            inParallel(
                    3,
                    SHORT / 3,
                    (thread, stop) -> {
                        long key = memory.reserve(4, "key");
                        memory.putInt(key, 0);
                        for (int i = 0; !stop.get(); i++) {
                            if (thread == 0) {
                                ((MapOfMaps) outer).setInner(u32(0), inner[i & 1], 0);
                            } else {
                                BpfMap map = (BpfMap) host.handles().get(outer.lookup(key, 0));
                                assertEquals(
                                        map.handle() == inner[0].handle() ? 0 : 1,
                                        memory.getLong(map.lookup(key, 0)));
                            }
                        }
                    });
        }
    }
}

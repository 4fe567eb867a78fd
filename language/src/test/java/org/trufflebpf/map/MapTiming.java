package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/**
 * Prints ns per map operation with random keys, best of some rounds; run by hand, to see the order
 * of magnitude. Each operation includes a load and a store of the key.
 */
final class MapTiming {
    private static final int KEYS = 1 << 16;
    private static final int ROUNDS = 12;

    private MapTiming() {}

    private interface Operation {
        long run(int number);
    }

    public static void main(String[] arguments) {
        System.out.printf("%-24s %8s %8s %8s%n", "ns", "1", "10k", "1M");
        int[] sizes = {1, 10_000, 1_000_000};
        for (String name :
                new String[] {
                    "array lookup",
                    "hash hit",
                    "hash miss",
                    "hash update",
                    "hash insert+delete",
                    "lru hit",
                    "lru update",
                    "lru churn",
                    "lpm /24"
                }) {
            StringBuilder line = new StringBuilder();
            for (int size : sizes) {
                line.append(String.format(" %8.1f", measure(name, size)));
            }
            System.out.printf("%-24s%s%n", name, line);
        }
        System.out.printf("%-24s %8.1f%n", "ringbuf output 64", ringbuf(true));
        System.out.printf("%-24s %8.1f%n", "ringbuf reserve+submit", ringbuf(false));
    }

    private static double measure(String name, int size) {
        MapHost host = Maps.host(1L << 30, ByteOrder.LITTLE_ENDIAN);
        Memory memory = host.memory();
        boolean lpm = name.startsWith("lpm");
        MapType type =
                lpm
                        ? MapType.LPM_TRIE
                        : name.startsWith("array")
                                ? MapType.ARRAY
                                : name.startsWith("lru") ? MapType.LRU_HASH : MapType.HASH;
        BpfMap map =
                MapFactory.create(
                        Maps.spec(
                                type,
                                lpm ? 8 : 4,
                                8,
                                name.endsWith("delete") ? size + 1 : size,
                                lpm ? MapFlags.BPF_F_NO_PREALLOC : 0),
                        host);
        long key = memory.reserve(8, "key");
        long value = memory.reserve(8, "value");
        memory.putLong(value, 1);
        Random random = new Random(5);
        int[] numbers = new int[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = lpm ? Integer.reverseBytes(i << 8 | 0x0a << 28) : i;
            memory.putInt(key, lpm ? 24 : numbers[i]);
            memory.putInt(key + 4, numbers[i]);
            map.update(key, value, 0, 0);
        }
        int[] keys = new int[KEYS];
        for (int i = 0; i < KEYS; i++) {
            keys[i] = numbers[random.nextInt(size)] | (lpm ? random.nextInt(256) << 24 : 0);
        }
        int[] next = {size};
        Operation operation =
                switch (name) {
                    case "array lookup", "hash hit", "lru hit" ->
                            number -> {
                                memory.putInt(key, number);
                                return map.lookup(key, 0);
                            };
                    case "hash miss" ->
                            number -> {
                                memory.putInt(key, ~number);
                                return map.lookup(key, 0);
                            };
                    case "hash update", "lru update" ->
                            number -> {
                                memory.putInt(key, number);
                                return map.update(key, value, 0, 0);
                            };
                    case "hash insert+delete" ->
                            number -> {
                                memory.putInt(key, ~number);
                                return map.update(key, value, 0, 0) + map.delete(key);
                            };
                    case "lru churn" ->
                            number -> {
                                memory.putInt(key, next[0]++);
                                return map.update(key, value, 0, 0);
                            };
                    default ->
                            number -> {
                                memory.putInt(key, 32);
                                memory.putInt(key + 4, number);
                                return map.lookup(key, 0);
                            };
                };
        return time(operation, keys);
    }

    private static double ringbuf(boolean copy) {
        RingbufMap ring = (RingbufMap) Maps.create(MapType.RINGBUF, 0, 0, 1 << 20, 0);
        long source = ring.memory().reserve(64, "source");
        int[] count = {0};
        return time(
                number -> {
                    if ((++count[0] & 4095) == 0) {
                        ring.consume(record -> {});
                    }
                    if (copy) {
                        return ring.output(source, 64, 0);
                    }
                    long record = ring.reserve(64, 0);
                    ring.submit(record, 0);
                    return 0;
                },
                new int[KEYS]);
    }

    /** CPU time of this thread, so that a busy machine disturbs less. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double time(Operation operation, int[] keys) {
        double[] rounds = new double[ROUNDS];
        long sink = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = cpuNanos();
            for (int i = 0; i < 8 * KEYS; i++) {
                sink += operation.run(keys[i & KEYS - 1]);
            }
            rounds[round] = (cpuNanos() - start) / (8.0 * KEYS);
        }
        if (sink == 42) {
            System.out.println();
        }
        return Arrays.stream(rounds).min().orElseThrow();
    }
}

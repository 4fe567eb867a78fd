package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_COMMON_LRU;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_PREALLOC;
import static org.trufflebpf.uapi.MapFlags.BPF_F_ZERO_SEED;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The same random operations on a map here and on the running kernel's, by user space's face; each
 * result is compared, and the contents at the end. The seed is in every message.
 */
class KernelMapParityTest {
    private static final int STEPS = 6000;

    /** Types whose values are interfaces or CPUs. */
    private static final Set<MapType> TARGETS =
            EnumSet.of(MapType.DEVMAP, MapType.DEVMAP_HASH, MapType.CPUMAP);

    /** What is compared beside results: with {@code BPF_F_ZERO_SEED} also the order of keys. */
    record Shape(MapType type, int key, int value, int entries, int flags, int distinctKeys) {}

    @BeforeAll
    static void kernelPermits() {
        Assumptions.assumeTrue(KernelBpf.isPermitted(), KernelBpf::refusal);
    }

    static Stream<Shape> shapes() {
        int zero = BPF_F_ZERO_SEED;
        return Stream.of(
                new Shape(MapType.ARRAY, 4, 1, 7, 0, 10),
                new Shape(MapType.ARRAY, 4, 12, 1, 0, 3),
                new Shape(MapType.PERCPU_ARRAY, 4, 6, 5, 0, 8),
                new Shape(MapType.HASH, 1, 3, 9, zero, 14),
                new Shape(MapType.HASH, 4, 8, 16, zero, 24),
                new Shape(MapType.HASH, 4, 8, 16, 0, 24),
                new Shape(MapType.HASH, 5, 5, 100, zero, 140),
                new Shape(MapType.HASH, 8, 64, 64, zero | BPF_F_NO_PREALLOC, 90),
                new Shape(MapType.HASH, 16, 200, 33, zero, 60),
                new Shape(MapType.HASH, 37, 4, 50, zero | BPF_F_NO_PREALLOC, 70),
                new Shape(MapType.PERCPU_HASH, 4, 4, 16, zero, 24),
                new Shape(MapType.PERCPU_HASH, 12, 20, 16, zero | BPF_F_NO_PREALLOC, 24),
                new Shape(MapType.LRU_HASH, 4, 8, 1, zero, 3),
                new Shape(MapType.LRU_HASH, 4, 8, 5, zero, 12),
                new Shape(MapType.LRU_HASH, 4, 8, 64, zero, 120),
                new Shape(MapType.LRU_HASH, 4, 8, 1000, zero, 2000),
                new Shape(MapType.LRU_HASH, 8, 8, 64, zero | BPF_F_NO_COMMON_LRU, 120),
                new Shape(MapType.LRU_HASH, 8, 8, 7, zero | BPF_F_NO_COMMON_LRU, 20),
                new Shape(MapType.LRU_PERCPU_HASH, 4, 4, 64, zero, 120),
                new Shape(MapType.LRU_PERCPU_HASH, 4, 4, 64, zero | BPF_F_NO_COMMON_LRU, 120),
                new Shape(MapType.LPM_TRIE, 5, 1, 20, BPF_F_NO_PREALLOC, 60),
                new Shape(MapType.LPM_TRIE, 8, 4, 100, BPF_F_NO_PREALLOC, 300),
                new Shape(MapType.LPM_TRIE, 20, 8, 100, BPF_F_NO_PREALLOC, 300),
                new Shape(MapType.LPM_TRIE, 260, 8, 50, BPF_F_NO_PREALLOC, 100),
                new Shape(MapType.LPM_TRIE, 11, 3, 30, BPF_F_NO_PREALLOC, 100),
                new Shape(MapType.QUEUE, 0, 4, 8, 0, 1),
                new Shape(MapType.QUEUE, 0, 13, 1, 0, 1),
                new Shape(MapType.STACK, 0, 4, 8, 0, 1),
                new Shape(MapType.STACK, 0, 24, 1, 0, 1),
                new Shape(MapType.DEVMAP, 4, 4, 7, 0, 10),
                new Shape(MapType.DEVMAP, 4, 8, 3, 0, 5),
                new Shape(MapType.DEVMAP_HASH, 4, 4, 7, 0, 14),
                new Shape(MapType.DEVMAP_HASH, 4, 8, 5, 0, 12),
                new Shape(MapType.CPUMAP, 4, 4, 4, 0, 6),
                new Shape(MapType.CPUMAP, 4, 8, 2, 0, 4),
                new Shape(MapType.SOCKMAP, 4, 8, 3, 0, 5),
                new Shape(MapType.SOCKHASH, 6, 8, 3, 0, 5),
                new Shape(MapType.REUSEPORT_SOCKARRAY, 4, 8, 3, 0, 5),
                new Shape(MapType.REUSEPORT_SOCKARRAY, 4, 4, 3, 0, 5),
                new Shape(MapType.XSKMAP, 4, 4, 3, 0, 5),
                new Shape(MapType.CGROUP_ARRAY, 4, 4, 3, 0, 5),
                new Shape(MapType.STACK_TRACE, 4, 64, 5, 0, 12),
                new Shape(MapType.CGROUP_STORAGE, 16, 8, 0, 0, 5),
                new Shape(MapType.USER_RINGBUF, 0, 0, 4096, 0, 1));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void sameResults(Shape shape) throws InterruptedException {
        long seed = Long.getLong("org.trufflebpf.seed", System.nanoTime());
        Throwable[] failure = new Throwable[1];
        // a thread of its own, bound to CPU 0: LRU lists depend on the CPU
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        KernelBpf.runOn(0);
                                        compare(shape, seed);
                                    } catch (RuntimeException | AssertionError e) {
                                        failure[0] = e;
                                    }
                                });
        thread.join();
        if (failure[0] != null) {
            throw new AssertionError(
                    shape + " seed " + seed + ": " + failure[0].getMessage(), failure[0]);
        }
    }

    private static void compare(Shape shape, long seed) {
        MapHost base = Maps.host();
        MapHost host =
                new MapHost(base.memory(), base.handles(), KernelBpf.possibleCpus(), base.random());
        BpfMap map =
                MapFactory.create(
                        Maps.spec(
                                shape.type(),
                                shape.key(),
                                shape.value(),
                                shape.entries(),
                                shape.flags()),
                        host);
        Random random = new Random(seed);
        int fd =
                KernelBpf.mapCreate(
                        shape.type().number(),
                        shape.key(),
                        shape.value(),
                        shape.entries(),
                        shape.flags(),
                        0);
        try (MapFace ours = MapFace.of(map);
                MapFace theirs = MapFace.ofKernel(fd)) {
            byte[][] keys = keys(shape, random);
            int valueSize =
                    shape.type().isPerCpu()
                            ? (shape.value() + 7 & -8) * host.cpus()
                            : shape.value();
            boolean ordered =
                    (shape.flags() & BPF_F_ZERO_SEED) != 0
                            || shape.type() == MapType.LPM_TRIE
                            || shape.key() == 0
                            || shape.type() == MapType.ARRAY
                            || shape.type() == MapType.PERCPU_ARRAY;
            RandomBatches batches = new RandomBatches(shape, keys, valueSize, ordered, random);
            List<String> log = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                byte[] key = keys[random.nextInt(keys.length)];
                int kind = random.nextInt(22);
                String what;
                String expected;
                String actual;
                if (kind < 9) {
                    byte[] value = value(shape, valueSize, random);
                    long flags = kind < 6 ? 0 : random.nextInt(6);
                    what = "put flags " + flags;
                    expected = theirs.put(key, value, flags);
                    actual = ours.put(key, value, flags);
                } else if (kind < 14) {
                    what = "get";
                    expected = theirs.get(key);
                    actual = ours.get(key);
                } else if (kind < 17) {
                    what = "remove";
                    expected = theirs.remove(key);
                    actual = ours.remove(key);
                } else if (kind == 17) {
                    what = "take";
                    expected = theirs.take(key);
                    actual = ours.take(key);
                } else if (kind > 19) {
                    RandomBatches.Step batch = batches.next();
                    what = batch.toString();
                    expected = batch.run(theirs);
                    actual = batch.run(ours);
                } else {
                    byte[] from = random.nextInt(8) == 0 ? null : key;
                    what = "next key";
                    expected = theirs.nextKey(from);
                    actual = ours.nextKey(from);
                    if (!ordered) {
                        expected = expected.equals(MapFace.NONE) ? expected : "some";
                        actual = actual.equals(MapFace.NONE) ? actual : "some";
                        actual = from == null ? actual : expected;
                    }
                }
                String line =
                        step
                                + ": "
                                + what
                                + (key == null ? "" : " " + HexFormat.of().formatHex(key));
                log.add(line);
                if (!expected.equals(actual)) {
                    throw new AssertionError(
                            String.join("\n", log.subList(Math.max(0, log.size() - 8), log.size()))
                                    + "\nkernel "
                                    + expected
                                    + ", here "
                                    + actual);
                }
            }
            if (shape.key() > 0) {
                assertEquals(contents(theirs), contents(ours), "final contents");
            }
        }
    }

    private static TreeMap<String, String> contents(MapFace face) {
        TreeMap<String, String> contents = new TreeMap<>();
        String next = face.nextKey(null);
        while (!next.equals(MapFace.NONE)) {
            byte[] key = HexFormat.of().parseHex(next);
            contents.put(next, face.get(key));
            next = face.nextKey(key);
        }
        return contents;
    }

    static byte[] value(Shape shape, int size, Random random) {
        byte[] value = new byte[size];
        if (TARGETS.contains(shape.type())) {
            // no interface, the loopback, one that does not exist; and sometimes a program
            ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
            int number = new int[] {0, 1, 9999}[random.nextInt(3)];
            boolean tooLong = shape.type() == MapType.CPUMAP && random.nextInt(8) == 0;
            buffer.putInt(tooLong ? 20_000 : number);
            if (size == 8) {
                buffer.putInt(random.nextInt(4) == 0 ? 0x7fff_0000 : -random.nextInt(2));
            }
            return value;
        }
        if (shape.type().name().contains("SOCK") || shape.type() == MapType.XSKMAP) {
            // a descriptor that nothing has
            Arrays.fill(value, 0, 2, (byte) 0xf0);
            return value;
        }
        random.nextBytes(value);
        if (shape.type().isPerCpu()) {
            // what lies between value_size and the next multiple of 8 is not kept
            int distance = shape.value() + 7 & -8;
            for (int i = 0; i < size; i++) {
                if (i % distance >= shape.value()) {
                    value[i] = 0;
                }
            }
        }
        return value;
    }

    static byte[][] keys(Shape shape, Random random) {
        byte[][] keys = new byte[shape.distinctKeys()][];
        for (int i = 0; i < keys.length; i++) {
            if (shape.key() == 0) {
                continue;
            }
            byte[] key = new byte[shape.key()];
            ByteBuffer buffer = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
            if (shape.type() == MapType.LPM_TRIE) {
                // few different bits near the front and the back, so that prefixes meet
                int bits = 8 * (shape.key() - 4);
                buffer.putInt(0, random.nextInt(bits + 2));
                key[4] = (byte) (random.nextInt(4) << 6);
                key[shape.key() - 1] |= (byte) random.nextInt(4);
                key[4 + random.nextInt(shape.key() - 4)] |= (byte) (1 << random.nextInt(8));
            } else if (shape.key() < 4) {
                key[0] = (byte) i;
            } else {
                buffer.putInt(0, i);
                if (shape.type() == MapType.HASH) {
                    key[shape.key() - 1] ^= (byte) (i * 37);
                }
            }
            keys[i] = key;
        }
        return keys;
    }

    @Test
    void bloomFilterHasTheSameBits() {
        for (int extra : new int[] {0, 1, 3, 15}) {
            for (int size : new int[] {1, 4, 7, 8, 13, 16, 24}) {
                int flags = BPF_F_ZERO_SEED;
                int fd =
                        KernelBpf.mapCreate(
                                MapType.BLOOM_FILTER.number(), 0, size, 50, flags, 0, extra);
                try {
                    BloomFilterMap ours =
                            (BloomFilterMap)
                                    MapFactory.create(
                                            Maps.spec(
                                                    "m",
                                                    MapType.BLOOM_FILTER,
                                                    0,
                                                    size,
                                                    50,
                                                    flags,
                                                    extra,
                                                    null),
                                            Maps.host());
                    Random random = new Random(extra * 100L + size);
                    for (int i = 0; i < 2000; i++) {
                        byte[] value = new byte[size];
                        random.nextBytes(value);
                        if (i % 40 == 0) {
                            KernelBpf.mapUpdate(fd, null, value, 0);
                            ours.put(null, value, 0);
                            assertTrue(ours.mayContain(value));
                        } else {
                            assertEquals(
                                    KernelBpf.mapContains(fd, value),
                                    ours.mayContain(value),
                                    "value " + HexFormat.of().formatHex(value));
                        }
                    }
                } finally {
                    KernelBpf.close(fd);
                }
            }
        }
    }
}

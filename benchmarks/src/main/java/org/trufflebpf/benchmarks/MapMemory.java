package org.trufflebpf.benchmarks;

import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.map.MapHost;
import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What an entry of a full map takes, in bytes: here, space in the arena and objects of the host; in
 * the kernel, what it accounts for the map ({@code memlock} of its file descriptor).
 */
final class MapMemory {
    /** {@code BPF_F_NO_PREALLOC}, which the kernel demands of LPM tries. */
    private static final int NO_PREALLOC = 1;

    private static final int VALUE = 8;

    private static final List<MapType> TYPES =
            List.of(
                    MapType.ARRAY,
                    MapType.PERCPU_ARRAY,
                    MapType.HASH,
                    MapType.PERCPU_HASH,
                    MapType.LRU_HASH,
                    MapType.LPM_TRIE);

    private MapMemory() {}

    /** Bytes per entry; NaN where {@code bpf()} is not permitted. */
    record Row(MapType type, int entries, double kernel, double ours) {}

    static List<Row> measure(int entries) throws IOException {
        List<Row> rows = new ArrayList<>();
        int cpus = KernelBpf.isPermitted() ? KernelBpf.possibleCpus() : 1;
        for (MapType type : TYPES) {
            double kernel = KernelBpf.isPermitted() ? kernel(type, entries, cpus) : Double.NaN;
            rows.add(new Row(type, entries, kernel / entries, ours(type, entries, cpus) / entries));
        }
        return rows;
    }

    private static boolean isTrie(MapType type) {
        return type == MapType.LPM_TRIE;
    }

    private static boolean isPercpu(MapType type) {
        return type == MapType.PERCPU_ARRAY || type == MapType.PERCPU_HASH;
    }

    private static byte[] key(MapType type, int number) {
        return isTrie(type) ? MapContents.route(number) : MapContents.u32(number);
    }

    private static byte[] value(MapType type, int cpus) {
        return new byte[isPercpu(type) ? cpus * VALUE : VALUE];
    }

    private static double kernel(MapType type, int entries, int cpus) throws IOException {
        int flags = isTrie(type) ? NO_PREALLOC : 0;
        int fd = KernelBpf.mapCreate(type.number(), key(type, 0).length, VALUE, entries, flags, 0);
        try {
            for (int i = 0; i < entries; i++) {
                KernelBpf.mapUpdate(fd, key(type, i), value(type, cpus), 0);
            }
            String label = "memlock:";
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
                if (line.startsWith(label)) {
                    return Long.parseLong(line.substring(label.length()).strip());
                }
            }
            return Double.NaN;
        } finally {
            KernelBpf.close(fd);
        }
    }

    private static double ours(MapType type, int entries, int cpus) {
        Memory memory = Memory.create(1L << 30, ByteOrder.nativeOrder());
        try {
            SplittableRandom random = new SplittableRandom(1);
            MapHost host = new MapHost(memory, new Handles(), cpus, random::nextLong);
            MapSpec spec =
                    new MapSpec(
                            "m",
                            type,
                            key(type, 0).length,
                            VALUE,
                            entries,
                            isTrie(type) ? NO_PREALLOC : 0,
                            0,
                            -1,
                            false,
                            0,
                            0,
                            null,
                            List.of(),
                            null,
                            MapSpec.Kind.DECLARED);
            double before = used(memory);
            BpfMap map = MapFactory.create(spec, host);
            for (int i = 0; i < entries; i++) {
                map.put(key(type, i), value(type, cpus), 0);
            }
            double after = used(memory);
            // the map must live until here
            return map.maxEntries() == entries ? after - before : Double.NaN;
        } finally {
            memory.close();
        }
    }

    /** Bytes of the arena and of the host's heap. */
    private static double used(Memory memory) {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return memory.reserve(0, "end") + (double) runtime.totalMemory() - runtime.freeMemory();
    }
}

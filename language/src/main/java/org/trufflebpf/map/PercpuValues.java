package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapFlags;

/**
 * The values of a per-CPU hash map: for each CPU an array by slot number, apart from the slots
 * themselves.
 */
final class PercpuValues {
    private final Memory memory;
    private final ValueFields fields;
    private final HashTable table;
    private final int cpus;
    private final int valueSize;
    private final int distance;
    private final long cpuStride;
    private final long start;

    PercpuValues(MapSpec spec, MapHost host, ValueFields fields, HashTable table) {
        this.memory = host.memory();
        this.fields = fields;
        this.table = table;
        this.cpus = host.cpus();
        this.valueSize = spec.valueSize();
        this.distance = (int) BpfMap.round8(valueSize);
        this.cpuStride = (long) distance * spec.maxEntries();
        long size = cpuStride * cpus;
        this.start = memory.reserve(size, 64, "map " + spec.name());
        boolean writable = (spec.flags() & MapFlags.BPF_F_RDONLY_PROG) == 0;
        memory.add(
                new Region(
                        Region.Kind.MAP_VALUE,
                        spec.name(),
                        start,
                        size,
                        distance,
                        valueSize,
                        writable));
    }

    long at(long slot, int cpu) {
        return start + cpu * cpuStride + (long) table.index(slot) * distance;
    }

    /** Sets the value of one CPU and, in a fresh element, zeros on the others. */
    void set(long slot, long value, int cpu, boolean fresh) {
        if (fresh) {
            for (int other = 0; other < cpus; other++) {
                memory.fill(at(slot, other), distance, (byte) 0);
            }
        }
        fields.copy(memory, value, at(slot, cpu), valueSize);
    }

    int userSize() {
        return distance * cpus;
    }

    byte[] read(long slot) {
        byte[] bytes = new byte[userSize()];
        for (int cpu = 0; cpu < cpus; cpu++) {
            fields.read(memory, at(slot, cpu), bytes, cpu * distance, valueSize);
        }
        return bytes;
    }

    void write(long slot, byte[] bytes, boolean fresh) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            if (fresh) {
                fields.init(memory, at(slot, cpu));
            }
            fields.write(memory, bytes, cpu * distance, at(slot, cpu), valueSize);
        }
    }
}

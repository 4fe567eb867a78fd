package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_PERCPU_ARRAY}: an array for each CPU, one behind the other. A program sees
 * the values of the CPU it runs on; user space reads and writes those of all CPUs at once, each
 * rounded up to 8 bytes.
 */
public final class PercpuArrayMap extends AbstractArrayMap {
    private final Memory memory;
    private final long valuesStart;
    private final int slotSize;
    private final long cpuStride;
    private final IndexKeys keys;

    PercpuArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.slotSize = slotOf(spec.valueSize());
        this.cpuStride = (long) slotSize * spec.maxEntries();
        long size = cpuStride * host.cpus();
        this.valuesStart = memory.reserve(size, "map " + spec.name());
        memory.fill(valuesStart, size, (byte) 0);
        boolean writable = (spec.flags() & MapFlags.BPF_F_RDONLY_PROG) == 0;
        memory.add(
                new Region(
                        Region.Kind.MAP_VALUE,
                        spec.name(),
                        valuesStart,
                        size,
                        slotSize,
                        spec.valueSize(),
                        writable));
        this.keys = new IndexKeys(memory, spec.name(), spec.maxEntries());
    }

    /** Address of the value of key 0 on CPU 0. */
    public long valuesStart() {
        return valuesStart;
    }

    /** Distance from one value to the next. */
    public int slotSize() {
        return slotSize;
    }

    /** Distance from a value to that of the next CPU. */
    public long cpuStride() {
        return cpuStride;
    }

    private long at(int index, int cpu) {
        return valuesStart + cpu * cpuStride + (long) index * slotSize;
    }

    @Override
    public long lookup(long key, int cpu) {
        int index = memory.getInt(key);
        return isOutside(index) ? 0 : at(index, cpu);
    }

    @Override
    public long tryLookup(long key, int cpu) {
        return lookup(key, cpu);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        int index = memory.getInt(key);
        long error = checkUpdate(index, flags);
        if (error == 0) {
            copyValue(value, at(index, cpu));
        }
        return error;
    }

    @Override
    public long forEach(Visitor visitor, int cpu) {
        long key = keys.start();
        for (int i = 0; i < maxEntries(); i++) {
            if (visitor.visit(key + 4L * i, at(i, cpu)) != 0) {
                return i + 1L;
            }
        }
        return maxEntries();
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        int index = indexOf(key);
        if (isOutside(index)) {
            return null;
        }
        byte[] bytes = new byte[slotSize * cpus()];
        for (int cpu = 0; cpu < cpus(); cpu++) {
            fields().read(memory, at(index, cpu), bytes, cpu * slotSize, valueSize());
        }
        return bytes;
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, slotSize * cpus());
        int index = indexOf(key);
        if ((flags & MapFlags.BPF_F_LOCK) != 0) {
            throw error(Errno.EINVAL, "BPF_F_LOCK on a per-CPU map");
        }
        raise(checkUpdate(index, flags), "update");
        for (int cpu = 0; cpu < cpus(); cpu++) {
            fields().write(memory, value, cpu * slotSize, at(index, cpu), valueSize());
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EINVAL, "elements of an array cannot be deleted");
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * {@code BPF_MAP_TYPE_DEVMAP} and {@code CPUMAP}: arrays of where packets are redirected to. A
 * value is a number (interface, size of the CPU's queue), and with 8 bytes a program that runs
 * there; a number of 0 empties the slot. Programs read the values of a devmap and change none.
 */
public final class TargetArrayMap extends AbstractArrayMap {
    private final TargetRules rules;
    private final Memory memory;
    private final long values;
    private final AtomicIntegerArray used;

    TargetArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.rules = new TargetRules(this, host);
        long size = 8L * spec.maxEntries();
        this.values = memory.reserve(size, "map " + spec.name());
        memory.fill(values, size, (byte) 0);
        memory.add(
                new Region(
                        Region.Kind.MAP_VALUE,
                        spec.name(),
                        values,
                        size,
                        8,
                        spec.valueSize(),
                        false));
        this.used = new AtomicIntegerArray(spec.maxEntries());
    }

    private long at(int index) {
        return values + 8L * index;
    }

    @Override
    public long lookup(long key, int cpu) {
        int index = memory.getInt(key);
        return isOutside(index) || used.get(index) == 0 ? 0 : at(index);
    }

    @Override
    public boolean isTarget(int key) {
        return !isOutside(key) && used.get(key) != 0;
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        int index = indexOf(key);
        return isOutside(index) || used.get(index) == 0
                ? null
                : memory.read(at(index), valueSize());
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        int index = indexOf(key);
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        if (isOutside(index)) {
            throw error(Errno.E2BIG, "slot " + Integer.toUnsignedString(index));
        }
        if (flags == MapFlags.BPF_NOEXIST) {
            throw error(Errno.EEXIST, "all slots of an array exist");
        }
        int number = rules.number(value);
        if (type() == MapType.CPUMAP) {
            rules.checkQueue(index, number);
        }
        if (number == 0) {
            if (type() == MapType.DEVMAP && rules.hasProgram(value)) {
                throw error(Errno.EINVAL, "a program, but no interface");
            }
            used.set(index, 0);
            return;
        }
        if (type() == MapType.DEVMAP) {
            rules.checkInterface(number);
        }
        rules.checkProgram(value);
        memory.write(at(index), rules.stored(value));
        used.set(index, 1);
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        int index = indexOf(key);
        if (isOutside(index)) {
            throw error(Errno.EINVAL, "slot " + Integer.toUnsignedString(index));
        }
        used.set(index, 0);
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_ARRAY}, and the data sections that the loader keeps in such arrays: all
 * values exist from the start, filled with zeros, one behind the other. A lookup is a compare and a
 * multiply-add; compiled code may do it by {@link #valuesStart()}, {@link #slotSize()} and {@link
 * #maxEntries()} itself.
 */
public final class ArrayMap extends AbstractArrayMap {
    private final Memory memory;
    private final long valuesStart;
    private final int slotSize;
    private final IndexKeys keys;
    private final FieldReleaser releaser;

    ArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.releaser = host.releaser();
        this.slotSize = slotOf(spec.valueSize());
        long size = (long) slotSize * spec.maxEntries();
        this.valuesStart = memory.reserve(size, "map " + spec.name());
        memory.fill(valuesStart, size, (byte) 0);
        if (spec.data() != null) {
            memory.write(valuesStart, spec.data());
        }
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

    /** Address of the value of key 0. */
    public long valuesStart() {
        return valuesStart;
    }

    /** Distance from one value to the next. */
    public int slotSize() {
        return slotSize;
    }

    private long at(int index) {
        return valuesStart + (long) index * slotSize;
    }

    @Override
    public long lookup(long key, int cpu) {
        int index = memory.getInt(key);
        return isOutside(index) ? 0 : at(index);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        int index = memory.getInt(key);
        long error = checkUpdate(index, flags);
        if (error == 0) {
            if ((flags & MapFlags.BPF_F_LOCK) != 0) {
                copyLocked(value, at(index));
            } else {
                copyValue(value, at(index));
            }
            fields().release(releaser, at(index));
        }
        return error;
    }

    private void copyLocked(long from, long to) {
        long lock = to + fields().lockOffset();
        SpinLock.lock(memory, lock);
        copyValue(from, to);
        SpinLock.unlock(memory, lock);
    }

    @Override
    public long forEach(Visitor visitor, int cpu) {
        long key = keys.start();
        for (int i = 0; i < maxEntries(); i++) {
            if (visitor.visit(key + 4L * i, at(i)) != 0) {
                return i + 1L;
            }
        }
        return maxEntries();
    }

    @Override
    public byte[] get(byte[] key) {
        return get(key, 0);
    }

    @Override
    public byte[] get(byte[] key, long flags) {
        beginRead(key);
        checkLookupFlags(flags);
        int index = indexOf(key);
        if (isOutside(index)) {
            return null;
        }
        byte[] bytes = new byte[valueSize()];
        long lock = at(index) + fields().lockOffset();
        if (flags != 0) {
            SpinLock.lock(memory, lock);
        }
        fields().read(memory, at(index), bytes, 0, bytes.length);
        if (flags != 0) {
            SpinLock.unlock(memory, lock);
        }
        return bytes;
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        boolean locked = (flags & MapFlags.BPF_F_LOCK) != 0;
        if (locked && !fields().hasLock()) {
            throw error(Errno.EINVAL, "BPF_F_LOCK, but the value has no bpf_spin_lock");
        }
        int index = indexOf(key);
        raise(checkUpdate(index, flags), "update");
        long lock = at(index) + fields().lockOffset();
        if (locked) {
            SpinLock.lock(memory, lock);
        }
        fields().write(memory, value, 0, at(index), value.length);
        if (locked) {
            SpinLock.unlock(memory, lock);
        }
        fields().release(releaser, at(index));
    }

    @Override
    public long keyOf(long value) {
        return keys.start() + 4 * ((value - valuesStart) / slotSize);
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EINVAL, "elements of an array cannot be deleted");
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;

/**
 * {@code BPF_MAP_TYPE_ARRAY_OF_MAPS}: slots that hold maps of one shape. A program's lookup gives
 * the inner map's handle; user space changes slots, also while programs run. Its values are the
 * handles, in 4 bytes, where the kernel takes file descriptors and gives ids.
 */
public final class ArrayOfMaps extends AbstractArrayMap implements MapOfMaps {
    private final Handles handles;
    private final InnerMeta meta;
    private final Memory memory;
    private final long slots;

    ArrayOfMaps(MapSpec spec, MapHost host, ValueFields fields, InnerMeta meta) {
        super(spec, host, fields);
        this.handles = host.handles();
        this.meta = meta;
        this.memory = host.memory();
        long size = 8L * spec.maxEntries();
        this.slots = memory.reserve(size, "map " + spec.name());
        memory.fill(slots, size, (byte) 0);
    }

    @Override
    public InnerMeta innerMeta() {
        return meta;
    }

    private long at(int index) {
        return slots + 8L * index;
    }

    @Override
    public long lookup(long key, int cpu) {
        int index = memory.getInt(key);
        return isOutside(index) ? 0 : memory.getLongVolatile(at(index));
    }

    @Override
    public void setInner(byte[] key, BpfMap inner, long flags) {
        beginWrite(key);
        int index = indexOf(key);
        if (flags != 0) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        if (isOutside(index)) {
            throw error(
                    Errno.E2BIG, "slot " + Integer.toUnsignedString(index) + " of " + maxEntries());
        }
        if (!meta.accepts(inner)) {
            throw error(Errno.EINVAL, inner + " is not of the shape that its inner maps have");
        }
        memory.getAndSetLong(at(index), inner.handle());
    }

    @Override
    public BpfMap inner(byte[] key) {
        beginRead(key);
        int index = indexOf(key);
        return isOutside(index) ? null : (BpfMap) handles.get(memory.getLongVolatile(at(index)));
    }

    @Override
    public byte[] get(byte[] key) {
        BpfMap inner = inner(key);
        return inner == null ? null : keyOf((int) inner.handle());
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        checkValue(value, 4);
        setInner(key, MapOfMaps.innerOf(this, handles, indexOf(value)), flags);
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        int index = indexOf(key);
        if (isOutside(index)) {
            throw error(
                    Errno.E2BIG, "slot " + Integer.toUnsignedString(index) + " of " + maxEntries());
        }
        if (memory.getAndSetLong(at(index), 0) == 0) {
            throw error(Errno.ENOENT, "slot " + index + " is empty");
        }
    }
}

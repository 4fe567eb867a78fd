package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.util.IdentityHashMap;

/**
 * {@code BPF_MAP_TYPE_STRUCT_OPS}: one structure of operations, laid out as the object declares it.
 * What its function pointers point to, its runtime knows; here they are handles. User space may
 * change the structure until it is registered, which here is until a program of the object is
 * loaded. Programs cannot reach it.
 */
public final class StructOpsMap extends AbstractArrayMap {
    private final Memory memory;
    private final Handles handles;
    private final long start;

    /** Guarded by itself. */
    private final IdentityHashMap<Object, Long> known = new IdentityHashMap<>();

    StructOpsMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.handles = host.handles();
        this.start = memory.reserve(spec.valueSize(), "map " + spec.name());
        memory.fill(start, spec.valueSize(), (byte) 0);
        if (spec.data() != null) {
            memory.write(start, spec.data());
        }
    }

    /** What the function pointer at a byte offset points to, or {@code null} for nothing. */
    public Object target(long offset) {
        return handles.get(memory.getLong(start + offset));
    }

    /** Sets the function pointer at a byte offset. */
    public void setTarget(long offset, Object target) {
        memory.putLong(start + offset, handleOf(target));
    }

    /** The pointer to a target. */
    public long handleOf(Object target) {
        synchronized (known) {
            return known.computeIfAbsent(target, handles::register);
        }
    }

    /**
     * Replaces bytes of the structure.
     *
     * @throws MapException EBUSY if a program of the object is loaded
     */
    public void write(long offset, byte[] bytes) {
        if (isFrozen()) {
            throw error(Errno.EBUSY, "it cannot change after a program of the object is loaded");
        }
        memory.write(start + offset, bytes);
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    long find(long key, int cpu) {
        return memory.getInt(key) == 0 ? start : 0;
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        if (isOutside(indexOf(key))) {
            return null;
        }
        byte[] bytes = new byte[valueSize()];
        memory.read(start, bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        checkValue(value, valueSize());
        if (flags != 0) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        if (isOutside(indexOf(key))) {
            throw error(Errno.E2BIG, "the only key is 0");
        }
        write(0, value);
    }

    /** Nothing is registered that could be taken back. */
    @Override
    public void remove(byte[] key) {
        beginRead(key);
        boolean link = (flags() & MapFlags.BPF_F_LINK) != 0;
        throw error(link ? Errno.EOPNOTSUPP : Errno.ENOENT, "it is not registered");
    }
}

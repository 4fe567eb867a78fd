package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code BPF_MAP_TYPE_QUEUE} and {@code BPF_MAP_TYPE_STACK}: values without keys. {@code BPF_EXIST}
 * pushes onto a full map by dropping the oldest value, of a stack too. For user space {@link #get}
 * of no key peeks and {@link #take} pops.
 */
public final class QueueStackMap extends BpfMap {
    private final SpinGuard guard = new SpinGuard();
    private final Memory memory;
    private final boolean isStack;
    private final int size;
    private final int distance;
    private final long start;
    private final Object desk = new Object();
    private final long deskValue;
    private int head;
    private int tail;

    QueueStackMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.isStack = spec.type() == MapType.STACK;
        this.size = spec.maxEntries() + 1;
        this.distance = slotOf(spec.valueSize());
        this.start = memory.reserve((long) distance * size, "map " + spec.name());
        this.deskValue = memory.reserve(spec.valueSize(), "map " + spec.name());
    }

    private long at(int index) {
        return start + (long) index * distance;
    }

    private int after(int index) {
        return index + 1 == size ? 0 : index + 1;
    }

    @Override
    public long push(long value, long flags) {
        if ((flags & MapFlags.BPF_NOEXIST) != 0
                || Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        guard.lock();
        try {
            if (after(head) == tail) {
                if (flags != MapFlags.BPF_EXIST) {
                    return Errno.E2BIG.negative();
                }
                tail = after(tail);
            }
            ValueFields.copyBytes(memory, value, at(head), valueSize());
            head = after(head);
            return 0;
        } finally {
            guard.unlock();
        }
    }

    @Override
    public long pop(long value) {
        return next(value, true);
    }

    @Override
    public long peek(long value) {
        return next(value, false);
    }

    private long next(long value, boolean remove) {
        guard.lock();
        try {
            if (head == tail) {
                memory.fill(value, valueSize(), (byte) 0);
                return Errno.ENOENT.negative();
            }
            int last = head == 0 ? size - 1 : head - 1;
            ValueFields.copyBytes(memory, at(isStack ? last : tail), value, valueSize());
            if (remove) {
                if (isStack) {
                    head = last;
                } else {
                    tail = after(tail);
                }
            }
            return 0;
        } finally {
            guard.unlock();
        }
    }

    /** The values in the order in which they would come out; they stay. */
    public List<byte[]> values() {
        guard.lock();
        try {
            List<byte[]> values = new ArrayList<>();
            for (int slot = tail; slot != head; slot = after(slot)) {
                values.add(memory.read(at(slot), valueSize()));
            }
            return isStack ? values.reversed() : values;
        } finally {
            guard.unlock();
        }
    }

    @Override
    public long lookup(long key, int cpu) {
        return 0;
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EINVAL.negative();
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        return next(false);
    }

    @Override
    public byte[] take(byte[] key) {
        beginRead(key);
        beginWrite(key);
        return next(true);
    }

    private byte[] next(boolean remove) {
        synchronized (desk) {
            return next(deskValue, remove) == 0 ? memory.read(deskValue, valueSize()) : null;
        }
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        synchronized (desk) {
            memory.write(deskValue, value);
            raise(push(deskValue, flags), "push");
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EINVAL, "values leave it by being popped");
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw error(Errno.EINVAL, "it has no keys");
    }
}

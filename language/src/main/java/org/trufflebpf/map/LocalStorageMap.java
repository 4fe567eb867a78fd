package org.trufflebpf.map;

import org.trufflebpf.map.KernelObjects.Kind;
import org.trufflebpf.memory.Heap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code BPF_MAP_TYPE_SK_STORAGE}, {@code INODE_STORAGE}, {@code TASK_STORAGE} and {@code
 * CGRP_STORAGE}: a value for each kernel object, which goes when the object goes. User space names
 * the object by its address where the kernel takes a file descriptor. An update puts a new value in
 * place of the old one, except with {@code BPF_F_LOCK}.
 */
public final class LocalStorageMap extends BpfMap {
    /** {@code BPF_LOCAL_STORAGE_GET_F_CREATE}. */
    public static final long CREATE = 1;

    private final KernelObjects objects;
    private final Kind kind;
    private final Memory memory;
    private final Heap heap;
    private final long desk;
    private final FieldReleaser releaser;
    private final Map<Long, Long> values = new HashMap<>();

    LocalStorageMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.objects = host.objects();
        this.kind = kindOf(spec.type());
        this.memory = host.memory();
        this.releaser = host.releaser();
        this.heap = new Heap(memory, Region.Kind.MAP_VALUE, spec.name());
        this.desk = memory.reserve(spec.valueSize(), "map " + spec.name());
        objects.onRemove(owner -> drop(owner));
    }

    private static Kind kindOf(MapType type) {
        return switch (type) {
            case SK_STORAGE -> Kind.SOCKET;
            case INODE_STORAGE -> Kind.INODE;
            case TASK_STORAGE -> Kind.TASK;
            default -> Kind.CGROUP;
        };
    }

    /** What values are bound to. */
    public Kind kind() {
        return kind;
    }

    /**
     * {@code bpf_*_storage_get}.
     *
     * @param owner address of the object
     * @param initial address of the value to begin with, or 0 for zeros
     * @return address of the value, or 0
     */
    public synchronized long storage(long owner, long initial, long flags) {
        KernelObjects.Entry entry = objects.get(kind, owner);
        if ((flags & ~CREATE) != 0 || entry == null) {
            return 0;
        }
        Long known = values.get(entry.address());
        if (known != null) {
            return known;
        }
        return flags == CREATE ? replace(entry.address(), initial) : 0;
    }

    private long replace(long owner, long from) {
        long value = heap.allocate(valueSize(), spec());
        if (value == 0) {
            return 0;
        }
        if (from != 0) {
            copyValue(from, value);
        }
        Long old = values.put(owner, value);
        if (old != null) {
            end(old);
        }
        return value;
    }

    private void end(long value) {
        fields().release(releaser, value);
        heap.free(value);
    }

    private synchronized boolean drop(long owner) {
        Long old = values.remove(owner);
        if (old != null) {
            end(old);
        }
        return old != null;
    }

    /** {@code bpf_*_storage_delete}. */
    public long deleteStorage(long owner) {
        KernelObjects.Entry entry = objects.get(kind, owner);
        if (entry == null) {
            return Errno.EINVAL.negative();
        }
        return drop(entry.address()) ? 0 : Errno.ENOENT.negative();
    }

    @Override
    public long lookup(long key, int cpu) {
        return 0;
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EOPNOTSUPP.negative();
    }

    private long owner(byte[] key) {
        long address = Integer.toUnsignedLong(ByteBuffer.wrap(key).order(memory.order()).getInt());
        KernelObjects.Entry entry = objects.get(kind, address);
        if (entry == null) {
            throw error(Errno.EBADF, "the key is not the address of a " + kind.label());
        }
        return entry.address();
    }

    @Override
    public byte[] get(byte[] key) {
        return get(key, 0);
    }

    @Override
    public synchronized byte[] get(byte[] key, long flags) {
        beginRead(key);
        checkLookupFlags(flags);
        Long value = values.get(owner(key));
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[valueSize()];
        long lock = value + fields().lockOffset();
        if (flags != 0) {
            SpinLock.lock(memory, lock);
        }
        fields().read(memory, value, bytes, 0, bytes.length);
        if (flags != 0) {
            SpinLock.unlock(memory, lock);
        }
        return bytes;
    }

    @Override
    public synchronized void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        long owner = owner(key);
        boolean locked = (flags & MapFlags.BPF_F_LOCK) != 0;
        long mode = flags & ~MapFlags.BPF_F_LOCK;
        if (Long.compareUnsigned(mode, MapFlags.BPF_EXIST) > 0 || (locked && !fields().hasLock())) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        Long old = values.get(owner);
        raise(AbstractHashMap.checkExist(old == null ? 0 : old, mode), "update");
        if (old != null && locked) {
            SpinLock.lock(memory, old + fields().lockOffset());
            fields().write(memory, value, 0, old, value.length);
            SpinLock.unlock(memory, old + fields().lockOffset());
            return;
        }
        memory.write(desk, value);
        if (replace(owner, desk) == 0) {
            throw error(Errno.ENOMEM, "update");
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        raise(deleteStorage(owner(key)), "delete");
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw error(Errno.ENOTSUPP, "local storage cannot be walked");
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Heap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code BPF_MAP_TYPE_CGROUP_STORAGE} and {@code PERCPU_CGROUP_STORAGE}: a value for each cgroup
 * that a program is attached to, apart for each attach type where the key has one ({@code struct
 * bpf_cgroup_storage_key}). Values appear when a program first runs for a cgroup, where the kernel
 * makes them when the program is attached.
 */
public final class CgroupStorageMap extends BpfMap {
    private static final int KEY_WITH_TYPE = 16;

    private final Memory memory;
    private final Heap heap;
    private final boolean percpu;
    private final int distance;
    private final Map<Key, Long> values = new LinkedHashMap<>();

    private record Key(long cgroup, int attachType) {}

    CgroupStorageMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.heap = new Heap(memory, Region.Kind.MAP_VALUE, spec.name());
        this.percpu = spec.type() == MapType.PERCPU_CGROUP_STORAGE;
        this.distance = slotOf(spec.valueSize());
    }

    private boolean hasType() {
        return keySize() == KEY_WITH_TYPE;
    }

    /** {@code bpf_get_local_storage}: the value of a cgroup, made if there is none; 0: no room. */
    public synchronized long storage(long cgroup, int attachType, int cpu) {
        Key key = new Key(cgroup, hasType() ? attachType : 0);
        Long value = values.get(key);
        if (value == null) {
            value = heap.allocate(percpu ? (long) distance * cpus() : valueSize(), spec());
            if (value == 0) {
                return 0;
            }
            values.put(key, value);
        }
        return percpu ? value + (long) cpu * distance : value;
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

    private Key keyOf(byte[] key) {
        ByteBuffer buffer = ByteBuffer.wrap(key).order(memory.order());
        return new Key(buffer.getLong(), hasType() ? buffer.getInt() : 0);
    }

    private byte[] bytesOf(Key key) {
        ByteBuffer buffer = ByteBuffer.allocate(keySize()).order(memory.order());
        buffer.putLong(key.cgroup());
        if (hasType()) {
            buffer.putInt(key.attachType());
        }
        return buffer.array();
    }

    private int userSize() {
        return percpu ? distance * cpus() : valueSize();
    }

    @Override
    public byte[] get(byte[] key) {
        return get(key, 0);
    }

    @Override
    public synchronized byte[] get(byte[] key, long flags) {
        beginRead(key);
        checkLookupFlags(flags);
        Long value = values.get(keyOf(key));
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[userSize()];
        for (int at = 0; at < bytes.length; at += distance) {
            fields().read(memory, value + at, bytes, at, valueSize());
        }
        return bytes;
    }

    @Override
    public synchronized void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, userSize());
        boolean locked = (flags & MapFlags.BPF_F_LOCK) != 0;
        if ((flags & ~(MapFlags.BPF_F_LOCK | MapFlags.BPF_EXIST)) != 0
                || (locked && !fields().hasLock())) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        Long known = values.get(keyOf(key));
        if (known == null) {
            throw error(Errno.ENOENT, "no program ran for that cgroup");
        }
        for (int at = 0; at < value.length; at += distance) {
            fields().write(memory, value, at, known + at, valueSize());
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EINVAL, "a value goes when its cgroup does");
    }

    @Override
    public synchronized byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        Key last = key == null ? null : keyOf(key);
        boolean found = last == null;
        for (Key candidate : values.keySet()) {
            if (found) {
                return bytesOf(candidate);
            }
            found = candidate.equals(last);
        }
        if (found) {
            return null;
        }
        throw error(Errno.ENOENT, "no such key");
    }
}

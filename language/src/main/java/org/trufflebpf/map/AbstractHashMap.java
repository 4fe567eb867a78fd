package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What all hash maps have in common: the table, walks, and user space's face, which brings its key
 * and value into the arena and then does what a program does. Subclasses say where values are and
 * how elements come and go.
 */
abstract class AbstractHashMap extends BpfMap {
    /** Where user space's key and value are brought, one operation at a time. */
    private final Object desk = new Object();

    private final long deskKey;
    private final long deskValue;
    final Memory memory;
    final HashTable table;
    final FieldReleaser releaser;

    AbstractHashMap(MapSpec spec, MapHost host, ValueFields fields, HashTable table) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.table = table;
        this.deskKey = memory.reserve(spec.keySize(), "map " + spec.name());
        this.deskValue = memory.reserve(spec.valueSize(), "map " + spec.name());
        this.releaser = host.releaser();
    }

    /**
     * Fields of fresh memory hold nothing; for values that lie in the first {@code count} slots.
     */
    final void initFields(int count) {
        if (fields().own()) {
            for (int i = 0; i < count; i++) {
                fields().init(memory, table.slotAt(i));
            }
        }
    }

    /** Ends what an element keeps alive, before its slot is used anew. */
    void releaseFields(long slot) {
        fields().release(releaser, slot);
    }

    /** Address of an element's value. */
    abstract long value(long slot, int cpu);

    /** Copies out an element's value in user space's form; under the lock of its stripe. */
    byte[] read(long slot, long lookupFlags) {
        byte[] bytes = new byte[valueSize()];
        long lock = slot + fields().lockOffset();
        if (lookupFlags != 0) {
            SpinLock.lock(memory, lock);
        }
        fields().read(memory, slot, bytes, 0, bytes.length);
        if (lookupFlags != 0) {
            SpinLock.unlock(memory, lock);
        }
        return bytes;
    }

    /**
     * Updates by user space: a key in the arena, a value in user space's form; 0 or a negative
     * errno.
     */
    long write(long key, byte[] value, long flags) {
        memory.write(deskValue, value);
        return update(key, deskValue, flags, 0);
    }

    @Override
    public long count() {
        return forEach((key, value) -> 0, 0);
    }

    @Override
    public long forEach(Visitor visitor, int cpu) {
        long visited = 0;
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            for (long slot = table.first(bucket); slot != 0; slot = table.next(slot)) {
                visited++;
                if (visitor.visit(table.key(slot), value(slot, cpu)) != 0) {
                    return visited;
                }
            }
        }
        return visited;
    }

    @Override
    long find(long key, int cpu) {
        long slot = table.find(key, table.hash(key));
        return slot == 0 ? 0 : value(slot, cpu);
    }

    @Override
    public byte[] get(byte[] key) {
        return get(key, 0);
    }

    @Override
    public byte[] get(byte[] key, long flags) {
        beginRead(key);
        checkLookupFlags(flags);
        synchronized (desk) {
            memory.write(deskKey, key);
            return readKey(flags, false);
        }
    }

    @Override
    public byte[] take(byte[] key) {
        beginRead(key);
        beginWrite(key);
        synchronized (desk) {
            memory.write(deskKey, key);
            return readKey(0, true);
        }
    }

    private byte[] readKey(long flags, boolean delete) {
        int hash = table.hash(deskKey);
        byte[] value = null;
        table.lock(hash);
        long slot = table.find(deskKey, hash);
        try {
            if (slot != 0) {
                value = read(slot, flags);
                if (delete) {
                    table.unlink(slot, hash);
                }
            }
        } finally {
            table.unlock(hash);
        }
        if (slot != 0 && delete) {
            releaseFields(slot);
            release(slot, hash);
        }
        return value;
    }

    /**
     * Copies out the elements of a bucket, and deletes them if wished; none if there are more than
     * {@code room}.
     *
     * @return how many there are
     */
    final int copyBucket(
            int bucket,
            int room,
            long flags,
            boolean delete,
            ByteArrayOutputStream keys,
            ByteArrayOutputStream values) {
        if (table.first(bucket) == 0) {
            return 0;
        }
        List<Long> chain = new ArrayList<>();
        table.lock(bucket);
        try {
            for (long slot = table.first(bucket); slot != 0; slot = table.next(slot)) {
                chain.add(slot);
            }
            if (chain.size() > room) {
                return chain.size();
            }
            for (long slot : chain) {
                keys.writeBytes(memory.read(table.key(slot), keySize()));
                values.writeBytes(read(slot, flags));
                if (delete) {
                    table.unlink(slot, bucket);
                }
            }
        } finally {
            table.unlock(bucket);
        }
        if (delete) {
            // the last one first, as the kernel does: LRU lists show it
            for (long slot : chain.reversed()) {
                releaseFields(slot);
                release(slot, bucket);
            }
        }
        return chain.size();
    }

    /** Gives a slot that was unlinked back. */
    abstract void release(long slot, int hash);

    @Override
    public long delete(long key) {
        int hash = table.hash(key);
        table.lock(hash);
        long slot;
        try {
            slot = table.find(key, hash);
            if (slot != 0) {
                table.unlink(slot, hash);
            }
        } finally {
            table.unlock(hash);
        }
        if (slot == 0) {
            return Errno.ENOENT.negative();
        }
        releaseFields(slot);
        release(slot, hash);
        return 0;
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, userValueSize());
        synchronized (desk) {
            memory.write(deskKey, key);
            raise(write(deskKey, value, flags), "update");
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        synchronized (desk) {
            memory.write(deskKey, key);
            raise(delete(deskKey), "delete");
        }
    }

    @Override
    public byte[] nextKey(byte[] key) {
        if (key == null) {
            return firstKey(0);
        }
        beginRead(key);
        int bucket;
        synchronized (desk) {
            memory.write(deskKey, key);
            int hash = table.hash(deskKey);
            table.lock(hash);
            try {
                long slot = table.find(deskKey, hash);
                if (slot == 0) {
                    bucket = 0;
                } else {
                    long next = table.next(slot);
                    if (next != 0) {
                        return memory.read(table.key(next), keySize());
                    }
                    bucket = table.bucket(hash) + 1;
                }
            } finally {
                table.unlock(hash);
            }
        }
        return firstKey(bucket);
    }

    /** The first key from a bucket on. */
    private byte[] firstKey(int bucket) {
        for (int i = bucket; i < table.buckets(); i++) {
            if (table.first(i) != 0) {
                table.lock(i);
                try {
                    long slot = table.first(i);
                    if (slot != 0) {
                        return memory.read(table.key(slot), keySize());
                    }
                } finally {
                    table.unlock(i);
                }
            }
        }
        return null;
    }

    /** The errors that every update of a hash map begins with. */
    final long checkUpdate(long flags) {
        if (Long.compareUnsigned(flags & ~MapFlags.BPF_F_LOCK, MapFlags.BPF_EXIST) > 0
                || ((flags & MapFlags.BPF_F_LOCK) != 0 && !fields().hasLock())) {
            return Errno.EINVAL.negative();
        }
        return 0;
    }

    /** Kernel {@code check_flags}. */
    static long checkExist(long old, long flags) {
        long mode = flags & ~MapFlags.BPF_F_LOCK;
        if (old != 0 && mode == MapFlags.BPF_NOEXIST) {
            return Errno.EEXIST.negative();
        }
        return old == 0 && mode == MapFlags.BPF_EXIST ? Errno.ENOENT.negative() : 0;
    }
}

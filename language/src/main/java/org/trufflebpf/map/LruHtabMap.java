package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_LRU_HASH}: a hash that makes room for new elements by evicting old ones. As
 * in the kernel, an update first takes a free slot, which may evict, and only then looks whether
 * the key exists; lookups by programs count as use, those by user space do not.
 */
public final class LruHtabMap extends AbstractHashMap {
    private final Lru lru;

    LruHtabMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(
                spec,
                host,
                fields,
                new HashTable(spec, host, spec.valueSize(), Lru.ends(spec, host.cpus()), true));
        this.lru = new Lru(spec, host, table);
        initFields(Lru.slots(spec, host.cpus()));
    }

    @Override
    long value(long slot, int cpu) {
        return slot;
    }

    @Override
    public long lookup(long key, int cpu) {
        long slot = table.find(key, table.hash(key));
        if (slot != 0) {
            lru.touch(slot);
        }
        return slot;
    }

    @Override
    public long tryLookup(long key, int cpu) {
        return lookup(key, cpu);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        int hash = table.hash(key);
        long slot = lru.take(key, hash, cpu);
        if (slot == 0) {
            return Errno.ENOMEM.negative();
        }
        releaseFields(slot);
        fields().init(memory, slot);
        copyValue(value, slot);
        long old;
        long error;
        table.lock(hash);
        try {
            old = table.find(key, hash);
            error = checkExist(old, flags);
            if (error == 0) {
                table.link(slot, hash);
                if (old != 0) {
                    lru.touch(slot);
                    table.unlink(old, hash);
                }
            }
        } finally {
            table.unlock(hash);
        }
        if (error != 0) {
            lru.give(slot);
        } else if (old != 0) {
            releaseFields(old);
            lru.give(old);
        }
        return error;
    }

    @Override
    public long keyOf(long value) {
        return table.key(value);
    }

    @Override
    void release(long slot, int hash) {
        lru.give(slot);
    }
}

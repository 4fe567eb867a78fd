package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_LRU_PERCPU_HASH}: per-CPU values, updated in place, in elements that are
 * evicted like those of {@link LruHtabMap}.
 */
public final class LruPercpuHtabMap extends AbstractHashMap {
    private final Lru lru;
    private final PercpuValues values;

    LruPercpuHtabMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields, new HashTable(spec, host, 0, Lru.ends(spec, host.cpus()), false));
        this.lru = new Lru(spec, host, table);
        this.values = new PercpuValues(spec, host, fields, table);
    }

    @Override
    long value(long slot, int cpu) {
        return values.at(slot, cpu);
    }

    @Override
    byte[] read(long slot, long lookupFlags) {
        return values.read(slot);
    }

    @Override
    public long lookup(long key, int cpu) {
        long slot = table.find(key, table.hash(key));
        if (slot == 0) {
            return 0;
        }
        lru.touch(slot);
        return values.at(slot, cpu);
    }

    @Override
    public long tryLookup(long key, int cpu) {
        return lookup(key, cpu);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return update(key, value, null, flags, cpu);
    }

    @Override
    long write(long key, byte[] value, long flags) {
        return update(key, 0, value, flags, 0);
    }

    private long update(long key, long value, byte[] all, long flags, int cpu) {
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        int hash = table.hash(key);
        long fresh = 0;
        if (flags != MapFlags.BPF_EXIST) {
            fresh = lru.take(key, hash, cpu);
            if (fresh == 0) {
                return Errno.ENOMEM.negative();
            }
        }
        long error;
        table.lock(hash);
        try {
            long old = table.find(key, hash);
            error = checkExist(old, flags);
            if (error == 0) {
                long slot = old != 0 ? old : fresh;
                if (all != null) {
                    values.write(slot, all, old == 0);
                } else {
                    values.set(slot, value, cpu, old == 0);
                }
                if (old != 0) {
                    lru.touch(old);
                } else {
                    table.link(fresh, hash);
                    fresh = 0;
                }
            }
        } finally {
            table.unlock(hash);
        }
        if (fresh != 0) {
            lru.give(fresh);
        }
        return error;
    }

    @Override
    void release(long slot, int hash) {
        lru.give(slot);
    }
}

package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_PERCPU_HASH}. Updates of an existing key write in place: a program the value
 * of its CPU, user space those of all CPUs. A new element has zeros on the other CPUs.
 */
public final class PercpuHtabMap extends AbstractHashMap {
    private final FreeSlots free;
    private final PercpuValues values;

    PercpuHtabMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields, new HashTable(spec, host, 0, 0, false));
        this.free = new FreeSlots(table, spec.maxEntries());
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
        return slot == 0 ? 0 : values.at(slot, cpu);
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
        table.lock(hash);
        try {
            long old = table.find(key, hash);
            long error = checkExist(old, flags);
            if (error != 0) {
                return error;
            }
            long slot = old != 0 ? old : free.take(table.stripe(hash));
            if (slot == 0) {
                return Errno.E2BIG.negative();
            }
            if (all != null) {
                values.write(slot, all, old == 0);
            } else {
                values.set(slot, value, cpu, old == 0);
            }
            if (old == 0) {
                table.setKey(slot, key, hash);
                table.link(slot, hash);
            }
            return 0;
        } finally {
            table.unlock(hash);
        }
    }

    @Override
    void release(long slot, int hash) {
        free.give(slot, table.stripe(hash));
    }
}

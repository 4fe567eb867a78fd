package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

/**
 * {@code BPF_MAP_TYPE_HASH}. An update of an existing key puts a new element in place of the old
 * one, so that a pointer from an earlier lookup still shows the old value; with {@code BPF_F_LOCK}
 * it writes into the element. The slot that was replaced is the next that its stripe uses for a
 * replacement, as the kernel's {@code extra_elems} of a CPU.
 */
public final class HtabMap extends AbstractHashMap {
    private final FreeSlots free;

    /** For each stripe, the slot that the next replacement takes. */
    private final long[] extra;

    HtabMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(
                spec,
                host,
                fields,
                new HashTable(
                        spec, host, spec.valueSize(), HashTable.stripes(spec.maxEntries()), true));
        this.free = new FreeSlots(table, spec.maxEntries());
        this.extra = new long[HashTable.stripes(spec.maxEntries())];
        for (int i = 0; i < extra.length; i++) {
            extra[i] = table.slotAt(spec.maxEntries() + i);
        }
        initFields(spec.maxEntries() + extra.length);
    }

    @Override
    long value(long slot, int cpu) {
        return slot;
    }

    @Override
    public long lookup(long key, int cpu) {
        return table.find(key, table.hash(key));
    }

    @Override
    public long tryLookup(long key, int cpu) {
        return lookup(key, cpu);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        long error = checkUpdate(flags);
        if (error != 0) {
            return error;
        }
        int hash = table.hash(key);
        table.lock(hash);
        try {
            long old = table.find(key, hash);
            error = checkExist(old, flags);
            if (error != 0) {
                return error;
            }
            if (old != 0 && (flags & MapFlags.BPF_F_LOCK) != 0) {
                long lock = old + fields().lockOffset();
                SpinLock.lock(memory, lock);
                copyValue(value, old);
                SpinLock.unlock(memory, lock);
                return 0;
            }
            long slot = old != 0 ? extra[table.stripe(hash)] : free.take(table.stripe(hash));
            if (slot == 0) {
                return Errno.E2BIG.negative();
            }
            fields().init(memory, slot);
            copyValue(value, slot);
            table.setKey(slot, key, hash);
            table.link(slot, hash);
            if (old != 0) {
                table.unlink(old, hash);
                releaseFields(old);
                extra[table.stripe(hash)] = old;
            }
            return 0;
        } finally {
            table.unlock(hash);
        }
    }

    @Override
    public long keyOf(long value) {
        return table.key(value);
    }

    @Override
    void release(long slot, int hash) {
        free.give(slot, table.stripe(hash));
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;

/**
 * {@code BPF_MAP_TYPE_HASH_OF_MAPS}: as {@link ArrayOfMaps}, under keys of any size. The map under
 * a key is replaced in place, so that programs see either the old or the new one.
 */
public final class HtabOfMaps extends AbstractHashMap implements MapOfMaps {
    private final Handles handles;
    private final InnerMeta meta;
    private final FreeSlots free;

    HtabOfMaps(MapSpec spec, MapHost host, ValueFields fields, InnerMeta meta) {
        super(spec, host, fields, new HashTable(spec, host, 8, 0, false));
        this.handles = host.handles();
        this.meta = meta;
        this.free = new FreeSlots(table, spec.maxEntries());
    }

    @Override
    public InnerMeta innerMeta() {
        return meta;
    }

    @Override
    long value(long slot, int cpu) {
        return memory.getLongVolatile(slot);
    }

    @Override
    byte[] read(long slot, long lookupFlags) {
        return ByteBuffer.allocate(4)
                .order(memory.order())
                .putInt((int) memory.getLongVolatile(slot))
                .array();
    }

    @Override
    public long lookup(long key, int cpu) {
        long slot = table.find(key, table.hash(key));
        return slot == 0 ? 0 : memory.getLongVolatile(slot);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long forEach(Visitor visitor, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    long write(long key, byte[] value, long flags) {
        int handle = ByteBuffer.wrap(value).order(memory.order()).getInt();
        BpfMap inner = MapOfMaps.innerOf(this, handles, handle);
        if (!meta.accepts(inner)) {
            throw error(Errno.EINVAL, inner + " is not of the shape that its inner maps have");
        }
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        int hash = table.hash(key);
        table.lock(hash);
        try {
            long slot = table.find(key, hash);
            long error = checkExist(slot, flags);
            if (error != 0) {
                return error;
            }
            if (slot != 0) {
                memory.getAndSetLong(slot, inner.handle());
                return 0;
            }
            slot = free.take(table.stripe(hash));
            if (slot == 0) {
                return Errno.E2BIG.negative();
            }
            memory.putLong(slot, inner.handle());
            table.setKey(slot, key, hash);
            table.link(slot, hash);
            return 0;
        } finally {
            table.unlock(hash);
        }
    }

    @Override
    public void setInner(byte[] key, BpfMap inner, long flags) {
        byte[] value =
                ByteBuffer.allocate(4).order(memory.order()).putInt((int) inner.handle()).array();
        put(key, value, flags);
    }

    @Override
    public BpfMap inner(byte[] key) {
        byte[] value = get(key);
        return value == null
                ? null
                : (BpfMap)
                        handles.get(
                                Integer.toUnsignedLong(
                                        ByteBuffer.wrap(value).order(memory.order()).getInt()));
    }

    @Override
    void release(long slot, int hash) {
        free.give(slot, table.stripe(hash));
    }
}

package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;

/**
 * What all maps have in common whose keys are the u32 numbers below {@code max_entries}: key
 * arithmetic and order.
 */
abstract class AbstractArrayMap extends BpfMap {
    private final int maxEntries;

    AbstractArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.maxEntries = spec.maxEntries();
    }

    @Override
    public final int maxEntries() {
        return maxEntries;
    }

    /** Whether a u32 key is outside the array. */
    final boolean isOutside(int index) {
        return Integer.compareUnsigned(index, maxEntries) >= 0;
    }

    final int indexOf(byte[] key) {
        return ByteBuffer.wrap(key).order(memory().order()).getInt();
    }

    final byte[] keyOf(int index) {
        return ByteBuffer.allocate(4).order(memory().order()).putInt(index).array();
    }

    /** The rules of {@code array_map_update_elem}, in its order; 0 or a negative errno. */
    final long checkUpdate(int index, long flags) {
        if (Long.compareUnsigned(flags & ~MapFlags.BPF_F_LOCK, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        if (isOutside(index)) {
            return Errno.E2BIG.negative();
        }
        if ((flags & MapFlags.BPF_NOEXIST) != 0) {
            return Errno.EEXIST.negative();
        }
        if ((flags & MapFlags.BPF_F_LOCK) != 0 && !fields().hasLock()) {
            return Errno.EINVAL.negative();
        }
        return 0;
    }

    /** Programs change no elements, but of the maps that say how. */
    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EINVAL.negative();
    }

    /** Elements of an array cannot be deleted, as {@code array_map_delete_elem} says. */
    @Override
    public long delete(long key) {
        return Errno.EINVAL.negative();
    }

    @Override
    public byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        int index = key == null ? -1 : indexOf(key);
        if (key == null || isOutside(index)) {
            return keyOf(0);
        }
        return index == maxEntries - 1 ? null : keyOf(index + 1);
    }
}

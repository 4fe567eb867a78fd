package org.trufflebpf.map;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;

/**
 * A map that could not be made: of a type that is not supported, or larger than the memory allows.
 * It matters only when it is used: a program that refers to it is refused with the reason, the
 * object's other programs are not.
 */
public final class RefusedMap extends BpfMap {
    private final BpfException reason;

    public RefusedMap(MapSpec spec, MapHost host, BpfException reason) {
        super(spec, host, ValueFields.NONE);
        this.reason = reason;
    }

    /** Why there is no such map. */
    public BpfException reason() {
        return reason;
    }

    private MapException refused() {
        return new MapException(Errno.EOPNOTSUPP, reason.getMessage());
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

    @Override
    public byte[] get(byte[] key) {
        throw refused();
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        throw refused();
    }

    @Override
    public void remove(byte[] key) {
        throw refused();
    }

    @Override
    public byte[] nextKey(byte[] key) {
        return null;
    }
}

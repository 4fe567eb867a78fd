package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteOrder;

/**
 * {@code BPF_MAP_TYPE_BLOOM_FILTER}: remembers values by a few bits each, so that it may take one
 * for known that is not, but never the reverse. The low 4 bits of {@code map_extra} are the number
 * of bits for a value, 5 if they are 0. Bits are chosen as the kernel does; with {@code
 * BPF_F_ZERO_SEED} they are the same.
 */
public final class BloomFilterMap extends BpfMap {
    private static final int DEFAULT_HASHES = 5;

    private final Memory memory;
    private final long bits;
    private final int mask;
    private final int hashes;
    private final int seed;
    private final Object desk = new Object();
    private final long deskValue;

    BloomFilterMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory().inOrder(ByteOrder.nativeOrder());
        int declared = (int) (spec.mapExtra() & 15);
        this.hashes = declared == 0 ? DEFAULT_HASHES : declared;
        boolean zeroSeed = (spec.flags() & MapFlags.BPF_F_ZERO_SEED) != 0;
        this.seed = zeroSeed ? 0 : (int) host.random().getAsLong();
        long count = bitCount(spec.maxEntries(), hashes);
        this.mask = (int) (count - 1);
        this.bits = memory.reserve(count / 8, "map " + spec.name());
        memory.fill(bits, count / 8, (byte) 0);
        this.deskValue = memory.reserve(spec.valueSize(), "map " + spec.name());
    }

    /** 7/5 bits (about 1/ln 2) for each entry and hash, rounded up to a power of two. */
    private static long bitCount(int entries, int hashes) {
        long wanted = Integer.toUnsignedLong(entries) * hashes;
        wanted = wanted > 0xffffffffL ? Long.MAX_VALUE : wanted / 5 * 7;
        if (wanted > 1L << 31) {
            return 1L << 32;
        }
        return wanted <= 64 ? 64 : Long.highestOneBit(wanted - 1) << 1;
    }

    private long bit(long value, int index) {
        int hash =
                valueSize() % 4 == 0
                        ? HashFunction.jhash2(memory, value, valueSize() / 4, seed + index)
                        : HashFunction.jhash(memory, value, valueSize(), seed + index);
        return Integer.toUnsignedLong(hash & mask);
    }

    @Override
    public long push(long value, long flags) {
        if (flags != MapFlags.BPF_ANY) {
            return Errno.EINVAL.negative();
        }
        for (int i = 0; i < hashes; i++) {
            long bit = bit(value, i);
            long word = bits + bit / 64 * 8;
            long old;
            do {
                old = memory.getLongVolatile(word);
            } while ((old & 1L << bit) == 0
                    && !memory.compareAndSetLong(word, old, old | 1L << bit));
        }
        return 0;
    }

    @Override
    public long peek(long value) {
        for (int i = 0; i < hashes; i++) {
            long bit = bit(value, i);
            if ((memory.getLongVolatile(bits + bit / 64 * 8) & 1L << bit) == 0) {
                return Errno.ENOENT.negative();
            }
        }
        return 0;
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EOPNOTSUPP.negative();
    }

    /** Whether a value may have been put in; false is certain. */
    public boolean mayContain(byte[] value) {
        beginRead(null);
        checkValue(value, valueSize());
        synchronized (desk) {
            memory.write(deskValue, value);
            return peek(deskValue) == 0;
        }
    }

    @Override
    public byte[] get(byte[] key) {
        throw error(Errno.EINVAL, "ask for a value, it has no keys");
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        synchronized (desk) {
            memory.write(deskValue, value);
            raise(push(deskValue, flags), "push");
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EOPNOTSUPP, "values cannot be taken out");
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw error(Errno.EOPNOTSUPP, "it has no keys");
    }
}

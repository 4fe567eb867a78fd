package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * {@code BPF_MAP_TYPE_DEVMAP_HASH}: interfaces that packets are redirected to, by any u32 number.
 * {@code BPF_EXIST} is not looked at, as in the kernel.
 */
public final class DevHashMap extends BpfMap {
    private final TargetRules rules;
    private final Memory memory;
    private final Buckets<Long> buckets;
    private final Deque<Long> free = new ArrayDeque<>();

    DevHashMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.rules = new TargetRules(this, host);
        // one more than entries: a replacement is made before the old one goes
        long size = 8L * (spec.maxEntries() + 1L);
        long values = memory.reserve(size, "map " + spec.name());
        memory.fill(values, size, (byte) 0);
        memory.add(
                new Region(
                        Region.Kind.MAP_VALUE,
                        spec.name(),
                        values,
                        size,
                        8,
                        spec.valueSize(),
                        false));
        this.buckets = new Buckets<>(spec.maxEntries());
        for (long at = values; at < values + size; at += 8) {
            free.add(at);
        }
    }

    private static int hash(byte[] key) {
        return ByteBuffer.wrap(key).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
    }

    private synchronized long find(byte[] key) {
        Long at = buckets.get(hash(key), key);
        return at == null ? 0 : at;
    }

    @Override
    public long lookup(long key, int cpu) {
        return find(memory.read(key, 4));
    }

    @Override
    public boolean isTarget(int key) {
        return find(ByteBuffer.allocate(4).order(memory.order()).putInt(key).array()) != 0;
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
        beginRead(key);
        long at = find(key);
        return at == 0 ? null : memory.read(at, valueSize());
    }

    @Override
    public synchronized void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        int ifindex = rules.number(value);
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0 || ifindex == 0) {
            throw error(Errno.EINVAL, "update flags " + flags + ", interface " + ifindex);
        }
        Long old = buckets.get(hash(key), key);
        if (old != null && (flags & MapFlags.BPF_NOEXIST) != 0) {
            throw error(Errno.EEXIST, "the key exists");
        }
        rules.checkInterface(ifindex);
        rules.checkProgram(value);
        if (old == null && buckets.count() >= maxEntries()) {
            throw error(Errno.E2BIG, "it is full");
        }
        long at = free.remove();
        memory.write(at, rules.stored(value));
        buckets.put(hash(key), key, at);
        if (old != null) {
            free.add(old);
        }
    }

    @Override
    public synchronized void remove(byte[] key) {
        beginWrite(key);
        Long old = buckets.remove(hash(key), key);
        if (old == null) {
            throw error(Errno.ENOENT, "no such key");
        }
        free.add(old);
    }

    @Override
    public synchronized byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        return buckets.next(key == null ? 0 : hash(key), key);
    }
}

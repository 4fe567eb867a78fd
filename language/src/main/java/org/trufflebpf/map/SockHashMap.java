package org.trufflebpf.map;

import org.trufflebpf.map.KernelObjects.Kind;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;

/** {@code BPF_MAP_TYPE_SOCKHASH}: sockets by keys of any form. */
public final class SockHashMap extends BpfMap {
    private final KernelObjects objects;
    private final Memory memory;
    private final long desk;
    private final Buckets<Long> buckets;

    SockHashMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.objects = host.objects();
        this.memory = host.memory();
        this.desk = memory.reserve(spec.keySize(), "map " + spec.name());
        memory.checkRoom(16L * spec.maxEntries(), "map " + spec.name());
        this.buckets = new Buckets<>(spec.maxEntries());
        objects.onRemove(this::forget);
    }

    private synchronized void forget(long address) {
        buckets.removeValue(address);
    }

    /** The kernel's hash of a key, without a seed; under the lock. */
    private int hash(byte[] key) {
        memory.write(desk, key);
        return HashFunction.jhash(memory, desk, key.length, 0);
    }

    /** The address of the socket of a key (guest address), or 0. */
    public long socket(long key) {
        return find(memory.read(key, keySize()));
    }

    private synchronized long find(byte[] key) {
        Long socket = buckets.get(hash(key), key);
        return socket == null ? 0 : socket;
    }

    @Override
    public long lookup(long key, int cpu) {
        return socket(key);
    }

    /** {@code bpf_sock_hash_update}, and {@code bpf_map_update_elem} with a socket. */
    public long updateSocket(long key, long socket, long flags) {
        return set(memory.read(key, keySize()), socket, flags);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return updateSocket(key, value, flags);
    }

    private synchronized long set(byte[] key, long socket, long flags) {
        KernelObjects.Entry entry = objects.get(Kind.SOCKET, socket);
        if (entry == null) {
            return Errno.EBADF.negative();
        }
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0) {
            return Errno.EINVAL.negative();
        }
        int hash = hash(key);
        boolean exists = buckets.get(hash, key) != null;
        if (exists && flags == MapFlags.BPF_NOEXIST) {
            return Errno.EEXIST.negative();
        }
        if (!exists && flags == MapFlags.BPF_EXIST) {
            return Errno.ENOENT.negative();
        }
        if (!exists && buckets.count() >= maxEntries()) {
            return Errno.E2BIG.negative();
        }
        buckets.put(hash, key, entry.address());
        return 0;
    }

    @Override
    public long delete(long key) {
        return clear(memory.read(key, keySize()));
    }

    private synchronized long clear(byte[] key) {
        return buckets.remove(hash(key), key) == null ? Errno.ENOENT.negative() : 0;
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        if (valueSize() != 8) {
            throw error(Errno.ENOSPC, "a socket is read as its cookie, which has 8 bytes");
        }
        KernelObjects.Entry entry = objects.get(Kind.SOCKET, find(key));
        return entry == null
                ? null
                : ByteBuffer.allocate(8).order(memory.order()).putLong(entry.cookie()).array();
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        checkLock(flags);
        ByteBuffer buffer = ByteBuffer.wrap(value).order(memory.order());
        long address =
                value.length == 8 ? buffer.getLong() : Integer.toUnsignedLong(buffer.getInt());
        long result = set(key.clone(), address, flags);
        if (result == Errno.EBADF.negative()) {
            throw error(Errno.EBADF, "the value is not the address of a socket");
        }
        raise(result, "update");
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        raise(clear(key), "delete");
    }

    @Override
    public synchronized byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        return buckets.next(key == null ? 0 : hash(key), key);
    }
}

package org.trufflebpf.map;

import org.trufflebpf.map.KernelObjects.Kind;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * An array whose slots hold kernel objects: {@code BPF_MAP_TYPE_SOCKMAP}, {@code
 * REUSEPORT_SOCKARRAY}, {@code XSKMAP} and {@code CGROUP_ARRAY}. User space puts an object in by
 * its address ({@link KernelObjects}); the slot empties when the object goes. The types differ in
 * what user space reads back, and in errno ({@link Rules}).
 */
public final class ObjectArrayMap extends AbstractArrayMap {
    /**
     * What differs between the types.
     *
     * @param kind what a slot holds
     * @param exclusive whether {@code BPF_NOEXIST} and {@code BPF_EXIST} are looked at; else only
     *     flags 0 are allowed
     * @param cookies user space reads socket cookies, if values have 8 bytes; else nothing
     * @param outside errno of a deletion out of range
     * @param absent errno of a deletion of an empty slot, {@code null} for none
     * @param unreadable errno of a lookup by user space where there are no cookies
     */
    private record Rules(
            Kind kind,
            boolean exclusive,
            boolean cookies,
            Errno outside,
            Errno absent,
            Errno unreadable) {}

    /** Types whose slots programs may look up. */
    private static final Set<MapType> LOOKED_UP = Set.of(MapType.SOCKMAP, MapType.XSKMAP);

    private final KernelObjects objects;
    private final Rules rules;
    private final AtomicLongArray slots;

    ObjectArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.objects = host.objects();
        this.rules = rules(spec.type());
        host.memory().checkRoom(8L * spec.maxEntries(), "map " + spec.name());
        this.slots = new AtomicLongArray(spec.maxEntries());
        objects.onRemove(this::forget);
    }

    private static Rules rules(MapType type) {
        return switch (type) {
            case SOCKMAP ->
                    new Rules(Kind.SOCKET, true, true, Errno.EINVAL, Errno.EINVAL, Errno.ENOSPC);
            case REUSEPORT_SOCKARRAY ->
                    new Rules(Kind.SOCKET, true, true, Errno.E2BIG, Errno.ENOENT, Errno.ENOSPC);
            case XSKMAP ->
                    new Rules(Kind.XDP_SOCKET, true, false, Errno.EINVAL, null, Errno.EOPNOTSUPP);
            default ->
                    new Rules(Kind.CGROUP, false, false, Errno.E2BIG, Errno.ENOENT, Errno.ENOTSUPP);
        };
    }

    private void forget(long address) {
        for (int i = 0; i < slots.length(); i++) {
            slots.compareAndSet(i, address, 0);
        }
    }

    /** The address of the object in a slot (u32 index), or 0. */
    public long object(int index) {
        return isOutside(index) ? 0 : slots.get(index);
    }

    @Override
    public long lookup(long key, int cpu) {
        return LOOKED_UP.contains(type())
                ? object(memory().getInt(key))
                : Errno.EOPNOTSUPP.negative();
    }

    @Override
    public boolean isTarget(int key) {
        return object(key) != 0;
    }

    /** {@code bpf_sock_map_update}, and {@code bpf_map_update_elem} with a socket. */
    public long updateSocket(long key, long socket, long flags) {
        return set(memory().getInt(key), socket, flags);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return type() == MapType.SOCKMAP
                ? updateSocket(key, value, flags)
                : Errno.EOPNOTSUPP.negative();
    }

    private long set(int index, long named, long flags) {
        boolean wrong =
                rules.exclusive()
                        ? Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0
                        : flags != 0;
        if (wrong) {
            return Errno.EINVAL.negative();
        }
        if (isOutside(index)) {
            return Errno.E2BIG.negative();
        }
        KernelObjects.Entry entry = objects.get(rules.kind(), named);
        if (entry == null) {
            return Errno.EBADF.negative();
        }
        long address = entry.address();
        while (true) {
            long old = slots.get(index);
            if (old == address && rules.kind() == Kind.XDP_SOCKET) {
                return 0;
            }
            if (old != 0 && flags == MapFlags.BPF_NOEXIST) {
                return Errno.EEXIST.negative();
            }
            if (old == 0 && flags == MapFlags.BPF_EXIST) {
                return Errno.ENOENT.negative();
            }
            if (slots.compareAndSet(index, old, address)) {
                return 0;
            }
        }
    }

    @Override
    public long delete(long key) {
        return clear(memory().getInt(key));
    }

    private long clear(int index) {
        if (isOutside(index)) {
            return rules.outside().negative();
        }
        boolean absent = slots.getAndSet(index, 0) == 0;
        return absent && rules.absent() != null ? rules.absent().negative() : 0;
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        if (!rules.cookies() || valueSize() != 8) {
            throw error(rules.unreadable(), "a " + rules.kind().label() + " cannot be read back");
        }
        KernelObjects.Entry entry = objects.get(rules.kind(), object(indexOf(key)));
        return entry == null ? null : number(entry.cookie());
    }

    private byte[] number(long value) {
        return ByteBuffer.allocate(8).order(memory().order()).putLong(value).array();
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        checkLock(flags);
        long address = address(value);
        long result = set(indexOf(key), address, flags);
        boolean known = objects.get(rules.kind(), address) != null;
        // a sockmap looks at the socket first
        if (!known && (result == Errno.EBADF.negative() || type() == MapType.SOCKMAP)) {
            throw error(Errno.EBADF, "the value is not the address of a " + rules.kind().label());
        }
        raise(result, "update");
    }

    private long address(byte[] value) {
        ByteBuffer buffer = ByteBuffer.wrap(value).order(memory().order());
        return value.length == 8 ? buffer.getLong() : Integer.toUnsignedLong(buffer.getInt());
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        raise(clear(indexOf(key)), "delete");
    }

    /** What a slot holds. */
    public Kind kind() {
        return rules.kind();
    }
}

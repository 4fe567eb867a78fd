package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

/**
 * A live map. It has two faces, as in the kernel: programs pass guest addresses of keys and values
 * and get addresses of values; user space passes and gets bytes. Operations that a type does not
 * have return {@code -EOPNOTSUPP} or what the kernel returns for them.
 *
 * <p>Callers have checked that addresses of keys and values are readable (or writable) for their
 * sizes.
 */
public abstract class BpfMap {
    private final MapSpec spec;
    private final Memory memory;
    private final long handle;
    private final int cpus;
    private final ValueFields fields;
    private volatile boolean frozen;

    /** Guards {@link #locatedKey}, where user space's key is brought to be located. */
    private final Object locating = new Object();

    private long locatedKey;

    @SuppressWarnings("this-escape") // the handle is only used once the map is published
    protected BpfMap(MapSpec spec, MapHost host, ValueFields fields) {
        this.spec = spec;
        this.fields = fields;
        this.memory = host.memory();
        this.cpus = host.cpus();
        this.handle = host.handles().register(this);
    }

    public final MapSpec spec() {
        return spec;
    }

    public final MapType type() {
        return spec.type();
    }

    public final String name() {
        return spec.name();
    }

    public final int keySize() {
        return spec.keySize();
    }

    public final int valueSize() {
        return spec.valueSize();
    }

    /** Bytes of a value in user space's form, see {@link #get}. */
    public final int userValueSize() {
        return type().isPerCpu() ? slotOf(valueSize()) * cpus : valueSize();
    }

    /** The number of entries the map was made for, after the loader's defaults. */
    public int maxEntries() {
        return spec.maxEntries();
    }

    public final Memory memory() {
        return memory;
    }

    public final int cpus() {
        return cpus;
    }

    /** Whether programs may read values (no {@code BPF_F_WRONLY_PROG}). */
    public final boolean isReadableByPrograms() {
        return (flags() & MapFlags.BPF_F_WRONLY_PROG) == 0;
    }

    /** Whether user space may read values (no {@code BPF_F_WRONLY}). */
    public final boolean isReadableByUser() {
        return (flags() & MapFlags.BPF_F_WRONLY) == 0;
    }

    /**
     * Whether user space may write values while the map is not frozen (no {@code BPF_F_RDONLY}).
     */
    public final boolean isWritableByUser() {
        return (flags() & MapFlags.BPF_F_RDONLY) == 0;
    }

    /** The guest address that stands for this map ({@code struct bpf_map *}). */
    public final long handle() {
        return handle;
    }

    /** Creation flags, {@code BPF_F_*}. */
    public final int flags() {
        return spec.flags();
    }

    /** What stands in a value besides plain bytes. */
    public final ValueFields fields() {
        return fields;
    }

    /**
     * From now on user space cannot change the map ({@code BPF_MAP_FREEZE}); programs still can.
     */
    public final void freeze() {
        frozen = true;
    }

    public final boolean isFrozen() {
        return frozen;
    }

    @Override
    public String toString() {
        return "map " + name() + " (" + type().label() + ")";
    }

    // ---- the program's face

    /**
     * {@code bpf_map_lookup_elem}.
     *
     * @param key guest address of the key
     * @param cpu the virtual CPU whose value is meant, for per-CPU maps
     * @return guest address of the value (for maps of maps: handle of the inner map), or 0
     */
    public abstract long lookup(long key, int cpu);

    /** What {@link #tryLookup} gives where only {@link #lookup} knows. */
    public static final long UNKNOWN = -1;

    /**
     * As {@link #lookup}, but short: no locks and no waiting, so that it can be compiled into
     * programs. {@link #UNKNOWN} where a map has no such way or something was just being changed.
     */
    public long tryLookup(long key, int cpu) {
        return UNKNOWN;
    }

    /**
     * {@code bpf_map_lookup_percpu_elem}; as {@link #lookup}, but 0 for a CPU that does not exist.
     */
    public final long lookupPercpu(long key, long cpu) {
        return cpu >= 0 && cpu < cpus ? lookup(key, (int) cpu) : 0;
    }

    /** {@code bpf_map_update_elem}; 0 or a negative errno. */
    public abstract long update(long key, long value, long flags, int cpu);

    /** {@code bpf_map_delete_elem}; 0 or a negative errno. */
    public abstract long delete(long key);

    /**
     * The key of a value, as callbacks of timers get it.
     *
     * @param value guest address of a value
     * @return guest address of the key, or 0 for a type that has no keys of values
     */
    public long keyOf(long value) {
        return 0;
    }

    /** {@code bpf_map_push_elem}; 0 or a negative errno. */
    public long push(long value, long flags) {
        return Errno.EOPNOTSUPP.negative();
    }

    /** {@code bpf_map_pop_elem}; writes the value's bytes to {@code value}. */
    public long pop(long value) {
        return Errno.EOPNOTSUPP.negative();
    }

    /**
     * {@code bpf_map_peek_elem}; writes the value's bytes to {@code value} (bloom filter: tests
     * them).
     */
    public long peek(long value) {
        return Errno.EOPNOTSUPP.negative();
    }

    /**
     * Visits entries as {@code bpf_for_each_map_elem} does, until the visitor returns nonzero.
     *
     * @return the number of entries visited, or {@code -EINVAL} for a type that cannot be walked
     */
    public long forEach(Visitor visitor, int cpu) {
        return Errno.EINVAL.negative();
    }

    /** Sees one entry: guest addresses of key and value. */
    @FunctionalInterface
    public interface Visitor {
        long visit(long key, long value);
    }

    /** Whether a packet can be redirected to a u32 key: {@code bpf_redirect_map}. */
    public boolean isTarget(int key) {
        return false;
    }

    /** {@code bpf_map_sum_elem_count}: the number of elements of a hash map. */
    public long count() {
        return 0;
    }

    // ---- user space's face (BPF_MAP_*_ELEM of the bpf() system call)

    /**
     * The value of a key.
     *
     * @return the bytes; for per-CPU maps those of every CPU in turn, each rounded up to 8 bytes;
     *     {@code null} if there is no such key
     * @throws MapException with the errno that {@code BPF_MAP_LOOKUP_ELEM} gives otherwise
     */
    public abstract byte[] get(byte[] key);

    /** Sets a value; the same form as {@link #get}. */
    public abstract void put(byte[] key, byte[] value, long flags);

    /** Deletes a key. */
    public abstract void remove(byte[] key);

    /**
     * The key behind {@code key} in the map's own order, the first for {@code null}, {@code null}
     * at the end.
     */
    public abstract byte[] nextKey(byte[] key);

    /**
     * The address of a key's value on a CPU, for user space to read and write in place as if it had
     * mapped the memory; 0 if there is no such key. No use of the entry that an LRU map would
     * count.
     */
    public final long locate(byte[] key, int cpu) {
        beginRead(key);
        synchronized (locating) {
            if (locatedKey == 0) {
                locatedKey = memory.reserve(keySize(), "map " + name());
            }
            memory.write(locatedKey, key);
            return find(locatedKey, cpu);
        }
    }

    /** As {@link #lookup}, but not counted as a use. */
    long find(long key, int cpu) {
        return lookup(key, cpu);
    }

    /** As {@link #get}, with {@code BPF_F_LOCK} or no flags. */
    public byte[] get(byte[] key, long flags) {
        checkLookupFlags(flags);
        return get(key);
    }

    /**
     * {@code BPF_MAP_LOOKUP_AND_DELETE_ELEM}: {@link #get} and {@link #remove} as one step, {@code
     * null} if there is no such key; pops a queue or stack.
     */
    public byte[] take(byte[] key) {
        throw error(Errno.ENOTSUPP, "lookup_and_delete");
    }

    // ---- for subclasses

    /** Checks that user space may read, and the size of the key. */
    final void beginRead(byte[] key) {
        checkReadable();
        checkKey(key);
    }

    final void checkReadable() {
        if (!isReadableByUser()) {
            throw error(Errno.EPERM, "BPF_F_WRONLY");
        }
    }

    /** Checks that user space may write, and the size of the key. */
    final void beginWrite(byte[] key) {
        checkWritable();
        checkKey(key);
    }

    final void checkWritable() {
        if (!isWritableByUser()) {
            throw error(Errno.EPERM, "BPF_F_RDONLY");
        }
        if (frozen) {
            throw error(Errno.EPERM, "frozen");
        }
    }

    final void checkLookupFlags(long lookupFlags) {
        if ((lookupFlags & ~MapFlags.BPF_F_LOCK) != 0) {
            throw error(Errno.EINVAL, "unknown lookup flags " + lookupFlags);
        }
        if (lookupFlags != 0 && !fields.hasLock()) {
            throw error(Errno.EINVAL, "BPF_F_LOCK, but the value has no bpf_spin_lock");
        }
    }

    /** {@code BPF_F_LOCK} needs a lock, whatever the type. */
    final void checkLock(long updateFlags) {
        if ((updateFlags & MapFlags.BPF_F_LOCK) != 0 && !fields.hasLock()) {
            throw error(Errno.EINVAL, "BPF_F_LOCK, but the value has no bpf_spin_lock");
        }
    }

    private void checkKey(byte[] key) {
        int length = key == null ? 0 : key.length;
        if (length != keySize()) {
            throw error(Errno.EINVAL, "a key of " + length + " bytes, where it takes " + keySize());
        }
    }

    final void checkValue(byte[] value, int size) {
        if (value.length != size) {
            throw error(
                    Errno.EINVAL, "a value of " + value.length + " bytes, where it takes " + size);
        }
    }

    /** Throws what a program's operation returned, unless it is 0. */
    final void raise(long result, String operation) {
        if (result != 0) {
            throw error(Errno.of(result), operation);
        }
    }

    final MapException error(Errno errno, String what) {
        return new MapException(errno, this + ": " + what);
    }

    /** Values lie this far apart: {@code round_up(value_size, 8)}. */
    final int slotOf(int valueSize) {
        return (int) round8(valueSize);
    }

    static long round8(long size) {
        return (size + 7) & -8;
    }

    /** Copies a value in or out of the map, leaving locks and timers as they are. */
    final void copyValue(long from, long to) {
        fields.copy(memory, from, to, spec.valueSize());
    }
}

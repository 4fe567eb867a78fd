package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

/**
 * A live map. It has two faces, as in the kernel: programs pass guest addresses of keys and values and get addresses of
 * values; user space passes and gets bytes. Operations that a type does not have return {@code -EOPNOTSUPP} or what the
 * kernel returns for them.
 *
 * <p>Callers have checked that addresses of keys and values are readable (or writable) for their sizes.
 */
public abstract class BpfMap {
    private final MapSpec spec;
    private final Memory memory;
    private final long handle;
    private final int cpus;

    @SuppressWarnings("this-escape") // the handle is only used once the map is published
    protected BpfMap(MapSpec spec, MapHost host) {
        this.spec = spec;
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

    /** The guest address that stands for this map ({@code struct bpf_map *}). */
    public final long handle() {
        return handle;
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

    /** {@code bpf_map_update_elem}; 0 or a negative errno. */
    public abstract long update(long key, long value, long flags, int cpu);

    /** {@code bpf_map_delete_elem}; 0 or a negative errno. */
    public abstract long delete(long key);

    /** {@code bpf_map_push_elem}; 0 or a negative errno. */
    public long push(long value, long flags) {
        return Errno.EOPNOTSUPP.negative();
    }

    /** {@code bpf_map_pop_elem}; writes the value's bytes to {@code value}. */
    public long pop(long value) {
        return Errno.EOPNOTSUPP.negative();
    }

    /** {@code bpf_map_peek_elem}; writes the value's bytes to {@code value} (bloom filter: tests them). */
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

    // ---- user space's face (BPF_MAP_*_ELEM of the bpf() system call)

    /**
     * The value of a key.
     *
     * @return the bytes; for per-CPU maps those of every CPU in turn, each rounded up to 8 bytes; {@code null} if there
     *     is no such key
     * @throws MapException with the errno that {@code BPF_MAP_LOOKUP_ELEM} gives otherwise
     */
    public abstract byte[] get(byte[] key);

    /** Sets a value; the same form as {@link #get}. */
    public abstract void put(byte[] key, byte[] value, long flags);

    /** Deletes a key. */
    public abstract void remove(byte[] key);

    /** The key behind {@code key} in the map's own order, the first for {@code null}, {@code null} at the end. */
    public abstract byte[] nextKey(byte[] key);
}

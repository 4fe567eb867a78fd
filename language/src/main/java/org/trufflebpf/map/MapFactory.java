package org.trufflebpf.map;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.failure.Where;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

/**
 * Makes maps: fills in what loaders decide (as libbpf does), checks the attributes as {@code
 * BPF_MAP_CREATE} does, and reserves the memory. Nothing is touched before all of it fits.
 */
public final class MapFactory {
    private static final int PAGE = 4096;

    /** Stacks of a stack trace map whose size is left to the loader. */
    private static final int STACKS = 1024;

    private MapFactory() {}

    /** Knows the special fields of a map's values, from the object's BTF. */
    @FunctionalInterface
    public interface FieldFinder {
        ValueFields of(MapSpec spec);
    }

    /** Makes a map whose values are plain bytes. */
    public static BpfMap create(MapSpec spec, MapHost host) {
        return create(spec, host, ignored -> ValueFields.NONE);
    }

    /**
     * Makes a map.
     *
     * @param finder asked for the map and for the template of its inner maps
     * @throws BpfException UNSUPPORTED for a type that is not there, REJECTED where the kernel
     *     would refuse the attributes, LIMIT where the arena is too small; always with the map's
     *     name
     */
    public static BpfMap create(MapSpec spec, MapHost host, FieldFinder finder) {
        MapSpec complete = complete(spec, host.cpus());
        MapTypeRow row = check(complete);
        InnerMeta inner = null;
        if (spec.type().isMapInMap()) {
            MapSpec template = complete(spec.inner(), host.cpus());
            check(template);
            inner = new InnerMeta(template, finder.of(template));
        }
        return row.factory().create(complete, host, finder.of(complete), inner);
    }

    private static MapTypeRow check(MapSpec spec) {
        MapTypeRow row = MapTypeTable.of(spec.type());
        if (row == null) {
            throw refuse(Failure.REJECTED, spec, "type 0 is no map type (-EINVAL)");
        }
        if (!row.isSupported()) {
            throw refuse(
                    Failure.UNSUPPORTED, spec, "this map type is not supported: " + row.note());
        }
        MapTypeRow.Refusal refusal = refusal(spec);
        if (refusal != null) {
            throw refuse(Failure.REJECTED, spec, refusal.message() + " (-" + refusal.errno() + ")");
        }
        if (spec.maxEntries() < 0) {
            throw refuse(
                    Failure.LIMIT,
                    spec,
                    "max_entries "
                            + Integer.toUnsignedString(spec.maxEntries())
                            + " is more than the arena can hold");
        }
        return row;
    }

    /** Why the kernel would refuse these attributes, or {@code null}. */
    static MapTypeRow.Refusal refusal(MapSpec spec) {
        return MapTypeRow.worse(MapTypeTable.of(spec.type()).check(spec), checkTogether(spec));
    }

    /** Rules that look at more than one attribute. */
    private static MapTypeRow.Refusal checkTogether(MapSpec spec) {
        boolean numa = (spec.flags() & MapFlags.BPF_F_NUMA_NODE) != 0;
        switch (spec.type()) {
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, HASH_OF_MAPS -> {
                boolean perCpuLists = (spec.flags() & MapFlags.BPF_F_NO_COMMON_LRU) != 0;
                if (numa && (spec.type().isPerCpu() || perCpuLists)) {
                    return MapTypeRow.invalid("BPF_F_NUMA_NODE does not go with per-CPU elements");
                }
                long element =
                        Integer.toUnsignedLong(spec.keySize())
                                + Integer.toUnsignedLong(spec.valueSize());
                if (element >= MapTypeTable.HASH_ELEMENT_MAX) {
                    return new MapTypeRow.Refusal(
                            Errno.E2BIG,
                            "key_size + value_size is "
                                    + element
                                    + ", where it must be below "
                                    + MapTypeTable.HASH_ELEMENT_MAX);
                }
            }
            case STACK_TRACE -> {
                boolean buildId = (spec.flags() & MapFlags.BPF_F_STACK_BUILD_ID) != 0;
                int frame = buildId ? StackTraceMap.BUILD_ID_SIZE : 8;
                long value = Integer.toUnsignedLong(spec.valueSize());
                if (value % frame != 0 || value / frame > StackTraceMap.MAX_DEPTH) {
                    return MapTypeRow.invalid(
                            "value_size "
                                    + value
                                    + " is not a multiple of "
                                    + frame
                                    + ", for at most "
                                    + StackTraceMap.MAX_DEPTH
                                    + " frames");
                }
            }
            case DEVMAP, DEVMAP_HASH, CPUMAP, SOCKMAP, SOCKHASH, REUSEPORT_SOCKARRAY -> {
                if (spec.valueSize() != 4 && spec.valueSize() != 8) {
                    return MapTypeRow.invalid(
                            "value_size " + spec.valueSize() + ", where this type takes 4 or 8");
                }
            }
            case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> {
                if (spec.keySize() != 8 && spec.keySize() != 16) {
                    return MapTypeRow.invalid(
                            "key_size " + spec.keySize() + ", where this type takes 8 or 16");
                }
            }
            case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> {
                if (spec.keyTypeId() == 0 || spec.valueTypeId() == 0) {
                    return MapTypeRow.invalid("key and value have no BTF types");
                }
            }
            case ARENA -> {
                long user = spec.mapExtra();
                long size = Integer.toUnsignedLong(spec.maxEntries()) * PAGE;
                if (size > 1L << 32) {
                    return new MapTypeRow.Refusal(
                            Errno.E2BIG, "max_entries " + spec.maxEntries() + " is above 4 GiB");
                }
                if (user % PAGE != 0) {
                    return MapTypeRow.invalid("map_extra is not a multiple of " + PAGE);
                }
                if ((user >>> 32) != (user + size - 1) >>> 32) {
                    return new MapTypeRow.Refusal(
                            Errno.ERANGE, "from map_extra on it crosses a multiple of 4 GiB");
                }
            }
            case RINGBUF, USER_RINGBUF -> {
                if (Integer.bitCount(spec.maxEntries()) != 1 || spec.maxEntries() % PAGE != 0) {
                    return MapTypeRow.invalid(
                            "max_entries "
                                    + Integer.toUnsignedString(spec.maxEntries())
                                    + " is not a power of two and a multiple of "
                                    + PAGE);
                }
            }
            default -> {}
        }
        return innerRule(spec);
    }

    private static MapTypeRow.Refusal innerRule(MapSpec spec) {
        if (!spec.type().isMapInMap()) {
            return null;
        }
        MapSpec inner = spec.inner();
        if (inner == null) {
            return new MapTypeRow.Refusal(Errno.EBADF, "it declares no inner map (values)");
        }
        if (inner.type().isMapInMap()) {
            return MapTypeRow.invalid("maps of maps of maps do not exist");
        }
        if (inner.type() == MapType.PROG_ARRAY) {
            return new MapTypeRow.Refusal(Errno.ENOTSUPP, "a prog_array cannot be an inner map");
        }
        return null;
    }

    /** The spec with what the loader decides filled in. */
    public static MapSpec complete(MapSpec spec, int cpus) {
        int key = spec.keySize();
        int value = spec.valueSize();
        int entries = spec.maxEntries();
        switch (spec.type()) {
            case PERF_EVENT_ARRAY -> {
                key = key == 0 ? 4 : key;
                value = value == 0 ? 4 : value;
                entries = entries == 0 ? cpus : entries;
            }
            case STACK_TRACE -> {
                key = key == 0 ? 4 : key;
                value = value == 0 ? stackSize(spec) : value;
                entries = entries == 0 ? STACKS : entries;
            }
            case PROG_ARRAY, ARRAY_OF_MAPS -> {
                key = key == 0 ? 4 : key;
                value = value == 0 ? 4 : value;
            }
            case HASH_OF_MAPS -> value = value == 0 ? 4 : value;
            case RINGBUF, USER_RINGBUF -> entries = ringSize(entries);
            default -> {}
        }
        if ((spec.flags() & MapFlags.BPF_F_NO_COMMON_LRU) != 0) {
            entries = roundToCpus(entries, cpus);
        }
        return new MapSpec(
                spec.name(),
                spec.type(),
                key,
                value,
                entries,
                spec.flags(),
                spec.mapExtra(),
                spec.numaNode(),
                spec.pinByName(),
                spec.keyTypeId(),
                spec.valueTypeId(),
                spec.inner(),
                spec.slots(),
                spec.data(),
                spec.kind());
    }

    /** Values for the deepest stack, which loaders set. */
    private static int stackSize(MapSpec spec) {
        boolean buildId = (spec.flags() & MapFlags.BPF_F_STACK_BUILD_ID) != 0;
        return StackTraceMap.MAX_DEPTH * (buildId ? StackTraceMap.BUILD_ID_SIZE : 8);
    }

    /** Each CPU has the same share: kernel {@code htab_map_alloc}. */
    private static int roundToCpus(int entries, int cpus) {
        long rounded = (Integer.toUnsignedLong(entries) + cpus - 1) / cpus * cpus;
        return rounded > 0xffffffffL ? Integer.divideUnsigned(entries, cpus) * cpus : (int) rounded;
    }

    /** Rounds up to a power-of-two number of pages; 0 stays an error. */
    private static int ringSize(int declared) {
        long size = Integer.toUnsignedLong(declared);
        if (size == 0) {
            return declared;
        }
        long rounded = PAGE;
        while (rounded < size) {
            rounded <<= 1;
        }
        return rounded > 0xffffffffL ? declared : (int) rounded;
    }

    private static BpfException refuse(Failure failure, MapSpec spec, String message) {
        return new BpfException(
                failure,
                Phase.LOAD,
                Where.UNKNOWN,
                "map " + spec.name() + " (" + spec.type().label() + "): " + message);
    }
}

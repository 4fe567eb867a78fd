package org.trufflebpf.map;

import static org.trufflebpf.map.MapTypeRow.Range.exactly;
import static org.trufflebpf.map.MapTypeRow.Range.from;
import static org.trufflebpf.map.MapTypeRow.Range.upTo;
import static org.trufflebpf.uapi.MapFlags.ACCESS_MASK;
import static org.trufflebpf.uapi.MapFlags.BPF_F_INNER_MAP;
import static org.trufflebpf.uapi.MapFlags.BPF_F_MMAPABLE;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_COMMON_LRU;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_PREALLOC;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NUMA_NODE;
import static org.trufflebpf.uapi.MapFlags.BPF_F_PRESERVE_ELEMS;
import static org.trufflebpf.uapi.MapFlags.BPF_F_RDONLY;
import static org.trufflebpf.uapi.MapFlags.BPF_F_WRONLY;
import static org.trufflebpf.uapi.MapFlags.BPF_F_ZERO_SEED;

import org.trufflebpf.map.MapTypeRow.Factory;
import org.trufflebpf.map.MapTypeRow.Range;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** All map types of the kernel, one row each: what may be asked of them, and who makes them. */
public final class MapTypeTable {
    /** Largest object of the kernel's allocator. */
    private static final long KMALLOC_MAX_SIZE = 4 << 20;

    /** The same, less the header of a hash element. */
    static final long HASH_ELEMENT_MAX = KMALLOC_MAX_SIZE - 48;

    private static final long LPM_VALUE_MAX = KMALLOC_MAX_SIZE - 256 - 40;

    /** Largest value of a per-CPU map (kernel: {@code PCPU_MIN_UNIT_SIZE}). */
    private static final long PERCPU_MAX = 32 << 10;

    private static final Range U32 = exactly(4);
    private static final Range SOME = from(1);
    private static final Range PERCPU_VALUE = upTo(1, PERCPU_MAX, Errno.E2BIG);

    private static final int ARRAY_FLAGS = BPF_F_NUMA_NODE | ACCESS_MASK;
    private static final int FD_ARRAY_FLAGS = BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY;
    private static final int HASH_FLAGS =
            BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_MASK;
    private static final int LRU_FLAGS =
            BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_MASK;

    private static final List<MapTypeRow> ROWS =
            List.of(
                    row(
                            MapType.HASH,
                            SOME,
                            SOME,
                            SOME,
                            HASH_FLAGS,
                            (spec, host, fields, inner) -> new HtabMap(spec, host, fields),
                            "lock-free lookups; an update replaces the element"),
                    row(
                            MapType.ARRAY,
                            U32,
                            upTo(1, Integer.MAX_VALUE, Errno.E2BIG),
                            SOME,
                            ARRAY_FLAGS | BPF_F_MMAPABLE | BPF_F_INNER_MAP,
                            (spec, host, fields, inner) -> new ArrayMap(spec, host, fields),
                            "also .rodata, .data, .bss, .kconfig"),
                    row(
                            MapType.PROG_ARRAY,
                            U32,
                            U32,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new ProgArrayMap(spec, host, fields),
                            "targets of tail calls"),
                    row(
                            MapType.PERF_EVENT_ARRAY,
                            U32,
                            U32,
                            SOME,
                            FD_ARRAY_FLAGS | BPF_F_PRESERVE_ELEMS,
                            (spec, host, fields, inner) ->
                                    new PerfEventArrayMap(spec, host, fields),
                            "the slots of all CPUs are open"),
                    row(
                            MapType.PERCPU_ARRAY,
                            U32,
                            PERCPU_VALUE,
                            SOME,
                            ACCESS_MASK,
                            (spec, host, fields, inner) -> new PercpuArrayMap(spec, host, fields),
                            "one array for each virtual CPU"),
                    row(
                            MapType.RINGBUF,
                            exactly(0),
                            exactly(0),
                            SOME,
                            BPF_F_NUMA_NODE,
                            (spec, host, fields, inner) -> new RingbufMap(spec, host, fields),
                            "records in one order from all CPUs"),
                    row(
                            MapType.PERCPU_HASH,
                            SOME,
                            PERCPU_VALUE,
                            SOME,
                            HASH_FLAGS,
                            (spec, host, fields, inner) -> new PercpuHtabMap(spec, host, fields),
                            "values of a CPU each, updated in place"),
                    row(
                            MapType.LRU_HASH,
                            SOME,
                            SOME,
                            SOME,
                            LRU_FLAGS,
                            (spec, host, fields, inner) -> new LruHtabMap(spec, host, fields),
                            "evicts in the kernel's batches"),
                    row(
                            MapType.LRU_PERCPU_HASH,
                            SOME,
                            PERCPU_VALUE,
                            SOME,
                            LRU_FLAGS,
                            (spec, host, fields, inner) -> new LruPercpuHtabMap(spec, host, fields),
                            "evicts in the kernel's batches"),
                    row(
                            MapType.ARRAY_OF_MAPS,
                            U32,
                            U32,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) ->
                                    new ArrayOfMaps(spec, host, fields, inner),
                            "values are handles of maps"),
                    row(
                            MapType.HASH_OF_MAPS,
                            SOME,
                            U32,
                            SOME,
                            HASH_FLAGS,
                            (spec, host, fields, inner) ->
                                    new HtabOfMaps(spec, host, fields, inner),
                            "values are handles of maps"),
                    new MapTypeRow(
                            MapType.LPM_TRIE,
                            upTo(5, 4 + 256, Errno.EINVAL),
                            upTo(1, LPM_VALUE_MAX, Errno.EINVAL),
                            SOME,
                            BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | ACCESS_MASK,
                            BPF_F_NO_PREALLOC,
                            (spec, host, fields, inner) -> new LpmTrieMap(spec, host, fields),
                            "keys up to 2048 bits"),
                    row(
                            MapType.QUEUE,
                            exactly(0),
                            upTo(1, KMALLOC_MAX_SIZE, Errno.E2BIG),
                            SOME,
                            ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new QueueStackMap(spec, host, fields),
                            "pushed onto a full one, a value drops the oldest if BPF_EXIST says"
                                    + " so"),
                    row(
                            MapType.STACK,
                            exactly(0),
                            upTo(1, KMALLOC_MAX_SIZE, Errno.E2BIG),
                            SOME,
                            ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new QueueStackMap(spec, host, fields),
                            "pushed onto a full one, a value drops the oldest if BPF_EXIST says"
                                    + " so"),
                    row(
                            MapType.BLOOM_FILTER,
                            exactly(0),
                            upTo(1, KMALLOC_MAX_SIZE, Errno.E2BIG),
                            SOME,
                            ARRAY_FLAGS | BPF_F_ZERO_SEED,
                            (spec, host, fields, inner) -> new BloomFilterMap(spec, host, fields),
                            "the kernel's bits"),
                    missing(MapType.STACK_TRACE, "it needs the call stacks of a simulated task"),
                    missing(MapType.CGROUP_ARRAY, "it needs simulated cgroups"),
                    missing(MapType.DEVMAP, "it needs simulated network devices"),
                    missing(MapType.SOCKMAP, "it needs simulated sockets"),
                    missing(MapType.CPUMAP, "it needs packets that move between virtual CPUs"),
                    missing(MapType.XSKMAP, "it needs simulated AF_XDP sockets"),
                    missing(MapType.SOCKHASH, "it needs simulated sockets"),
                    missing(MapType.CGROUP_STORAGE, "it needs simulated cgroups"),
                    missing(MapType.REUSEPORT_SOCKARRAY, "it needs simulated sockets"),
                    missing(MapType.PERCPU_CGROUP_STORAGE, "it needs simulated cgroups"),
                    missing(MapType.SK_STORAGE, "it needs simulated sockets"),
                    missing(MapType.DEVMAP_HASH, "it needs simulated network devices"),
                    missing(MapType.STRUCT_OPS, "it needs the kernel's types of operations"),
                    missing(MapType.INODE_STORAGE, "it needs simulated files"),
                    missing(MapType.TASK_STORAGE, "it needs simulated tasks"),
                    missing(
                            MapType.USER_RINGBUF,
                            "records from user space to programs are not there yet"),
                    missing(MapType.CGRP_STORAGE, "it needs simulated cgroups"),
                    missing(MapType.ARENA, "pages shared with user space are not there yet"),
                    missing(MapType.INSN_ARRAY, "indirect jumps are not there yet"));

    private static final Map<MapType, MapTypeRow> BY_TYPE = new EnumMap<>(MapType.class);

    static {
        for (MapTypeRow row : ROWS) {
            BY_TYPE.put(row.type(), row);
        }
    }

    private MapTypeTable() {}

    private static MapTypeRow row(
            MapType type,
            Range key,
            Range value,
            Range entries,
            int flags,
            Factory factory,
            String note) {
        return new MapTypeRow(type, key, value, entries, flags, 0, factory, note);
    }

    private static MapTypeRow missing(MapType type, String reason) {
        return new MapTypeRow(type, from(0), from(0), from(0), -1, 0, null, reason);
    }

    /** All rows, in the order of the documentation. */
    public static List<MapTypeRow> rows() {
        return ROWS;
    }

    /** The row of a type, or {@code null} for {@code UNSPEC}. */
    public static MapTypeRow of(MapType type) {
        return BY_TYPE.get(type);
    }
}

package org.trufflebpf.map;

import static org.trufflebpf.map.MapTypeRow.Range.exactly;
import static org.trufflebpf.map.MapTypeRow.Range.from;
import static org.trufflebpf.map.MapTypeRow.Range.upTo;
import static org.trufflebpf.uapi.MapFlags.ACCESS_MASK;
import static org.trufflebpf.uapi.MapFlags.BPF_F_CLONE;
import static org.trufflebpf.uapi.MapFlags.BPF_F_INNER_MAP;
import static org.trufflebpf.uapi.MapFlags.BPF_F_LINK;
import static org.trufflebpf.uapi.MapFlags.BPF_F_MMAPABLE;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_COMMON_LRU;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_PREALLOC;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NO_USER_CONV;
import static org.trufflebpf.uapi.MapFlags.BPF_F_NUMA_NODE;
import static org.trufflebpf.uapi.MapFlags.BPF_F_PRESERVE_ELEMS;
import static org.trufflebpf.uapi.MapFlags.BPF_F_RDONLY;
import static org.trufflebpf.uapi.MapFlags.BPF_F_SEGV_ON_FAULT;
import static org.trufflebpf.uapi.MapFlags.BPF_F_STACK_BUILD_ID;
import static org.trufflebpf.uapi.MapFlags.BPF_F_VTYPE_BTF_OBJ_FD;
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

    /** Largest value of local storage (kernel: {@code BPF_LOCAL_STORAGE_MAX_VALUE_SIZE}). */
    private static final long STORAGE_MAX = 0xffff - 128;

    /** Largest key of a sockhash (kernel: {@code MAX_BPF_STACK}). */
    private static final long MAX_STACK = 512;

    /** CPUs that a cpumap may name (kernel: {@code NR_CPUS}, which its configuration decides). */
    private static final long MAX_CPUS = 256;

    private static final Range U32 = exactly(4);
    private static final Range SOME = from(1);
    private static final Range PERCPU_VALUE = upTo(1, PERCPU_MAX, Errno.E2BIG);

    private static final int ARRAY_FLAGS = BPF_F_NUMA_NODE | ACCESS_MASK;
    private static final int FD_ARRAY_FLAGS = BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY;
    private static final int HASH_FLAGS =
            BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_MASK;
    private static final int LRU_FLAGS =
            BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | ACCESS_MASK;

    private static final int STORAGE_FLAGS = BPF_F_NO_PREALLOC | BPF_F_CLONE;

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
                    row(
                            MapType.STACK_TRACE,
                            U32,
                            from(8),
                            upTo(1, 1L << 31, Errno.E2BIG),
                            FD_ARRAY_FLAGS | BPF_F_STACK_BUILD_ID,
                            (spec, host, fields, inner) -> new StackTraceMap(spec, host, fields),
                            "stacks of the simulated task; a build id is always an address"),
                    row(
                            MapType.CGROUP_ARRAY,
                            U32,
                            U32,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new ObjectArrayMap(spec, host, fields),
                            "values are addresses of simulated cgroups"),
                    row(
                            MapType.DEVMAP,
                            U32,
                            SOME,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new TargetArrayMap(spec, host, fields),
                            "interfaces of the simulated machine"),
                    row(
                            MapType.SOCKMAP,
                            U32,
                            SOME,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new ObjectArrayMap(spec, host, fields),
                            "values are addresses of simulated sockets"),
                    row(
                            MapType.CPUMAP,
                            U32,
                            SOME,
                            upTo(1, MAX_CPUS, Errno.E2BIG),
                            BPF_F_NUMA_NODE,
                            (spec, host, fields, inner) -> new TargetArrayMap(spec, host, fields),
                            "virtual CPUs"),
                    row(
                            MapType.XSKMAP,
                            U32,
                            U32,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new ObjectArrayMap(spec, host, fields),
                            "values are addresses of simulated AF_XDP sockets"),
                    row(
                            MapType.SOCKHASH,
                            upTo(1, MAX_STACK, Errno.E2BIG),
                            SOME,
                            SOME,
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new SockHashMap(spec, host, fields),
                            "values are addresses of simulated sockets"),
                    row(
                            MapType.REUSEPORT_SOCKARRAY,
                            U32,
                            SOME,
                            SOME,
                            ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new ObjectArrayMap(spec, host, fields),
                            "values are addresses of simulated sockets"),
                    row(
                            MapType.DEVMAP_HASH,
                            U32,
                            SOME,
                            upTo(1, 1L << 31, Errno.EINVAL),
                            FD_ARRAY_FLAGS,
                            (spec, host, fields, inner) -> new DevHashMap(spec, host, fields),
                            "interfaces of the simulated machine"),
                    row(
                            MapType.CGROUP_STORAGE,
                            upTo(8, 16, Errno.EINVAL),
                            upTo(1, STORAGE_MAX, Errno.E2BIG),
                            exactly(0),
                            BPF_F_NUMA_NODE | ACCESS_MASK,
                            (spec, host, fields, inner) -> new CgroupStorageMap(spec, host, fields),
                            "a value for each simulated cgroup that a program ran for"),
                    row(
                            MapType.PERCPU_CGROUP_STORAGE,
                            upTo(8, 16, Errno.EINVAL),
                            upTo(1, PERCPU_MAX, Errno.E2BIG),
                            exactly(0),
                            BPF_F_NUMA_NODE | ACCESS_MASK,
                            (spec, host, fields, inner) -> new CgroupStorageMap(spec, host, fields),
                            "a value for each simulated cgroup that a program ran for"),
                    new MapTypeRow(
                            MapType.SK_STORAGE,
                            U32,
                            upTo(1, STORAGE_MAX, Errno.E2BIG),
                            exactly(0),
                            STORAGE_FLAGS,
                            BPF_F_NO_PREALLOC,
                            (spec, host, fields, inner) -> new LocalStorageMap(spec, host, fields),
                            "bound to simulated sockets; keys of user space are their addresses"),
                    new MapTypeRow(
                            MapType.INODE_STORAGE,
                            U32,
                            upTo(1, STORAGE_MAX, Errno.E2BIG),
                            exactly(0),
                            STORAGE_FLAGS,
                            BPF_F_NO_PREALLOC,
                            (spec, host, fields, inner) -> new LocalStorageMap(spec, host, fields),
                            "bound to simulated inodes; keys of user space are their addresses"),
                    new MapTypeRow(
                            MapType.TASK_STORAGE,
                            U32,
                            upTo(1, STORAGE_MAX, Errno.E2BIG),
                            exactly(0),
                            STORAGE_FLAGS,
                            BPF_F_NO_PREALLOC,
                            (spec, host, fields, inner) -> new LocalStorageMap(spec, host, fields),
                            "bound to simulated tasks; keys of user space are their addresses"),
                    new MapTypeRow(
                            MapType.CGRP_STORAGE,
                            U32,
                            upTo(1, STORAGE_MAX, Errno.E2BIG),
                            exactly(0),
                            STORAGE_FLAGS,
                            BPF_F_NO_PREALLOC,
                            (spec, host, fields, inner) -> new LocalStorageMap(spec, host, fields),
                            "bound to simulated cgroups; keys of user space are their addresses"),
                    row(
                            MapType.USER_RINGBUF,
                            exactly(0),
                            exactly(0),
                            SOME,
                            BPF_F_NUMA_NODE,
                            (spec, host, fields, inner) -> new UserRingbufMap(spec, host, fields),
                            "records from user space to programs"),
                    new MapTypeRow(
                            MapType.ARENA,
                            exactly(0),
                            exactly(0),
                            SOME,
                            BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT | BPF_F_NO_USER_CONV,
                            BPF_F_MMAPABLE,
                            (spec, host, fields, inner) -> new ArenaMap(spec, host, fields),
                            "of map_extra only the upper half is heeded; a store to a page that is"
                                    + " not allocated can be read back"),
                    row(
                            MapType.STRUCT_OPS,
                            U32,
                            SOME,
                            exactly(1),
                            BPF_F_LINK | BPF_F_VTYPE_BTF_OBJ_FD,
                            (spec, host, fields, inner) -> new StructOpsMap(spec, host, fields),
                            "nothing is registered: the structure's programs are called by name"),
                    missing(MapType.INSN_ARRAY, "it came with Linux 6.19, for indirect jumps"));

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

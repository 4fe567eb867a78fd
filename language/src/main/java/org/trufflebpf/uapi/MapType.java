package org.trufflebpf.uapi;

/**
 * Map types, {@code enum bpf_map_type} of {@code linux/bpf.h} (kernel 6.18), one row each, in the
 * order of its numbers.
 */
public enum MapType {
    UNSPEC("unspec"),
    HASH("hash"),
    ARRAY("array"),
    PROG_ARRAY("prog_array"),
    PERF_EVENT_ARRAY("perf_event_array"),
    PERCPU_HASH("percpu_hash"),
    PERCPU_ARRAY("percpu_array"),
    STACK_TRACE("stack_trace"),
    CGROUP_ARRAY("cgroup_array"),
    LRU_HASH("lru_hash"),
    LRU_PERCPU_HASH("lru_percpu_hash"),
    LPM_TRIE("lpm_trie"),
    ARRAY_OF_MAPS("array_of_maps"),
    HASH_OF_MAPS("hash_of_maps"),
    DEVMAP("devmap"),
    SOCKMAP("sockmap"),
    CPUMAP("cpumap"),
    XSKMAP("xskmap"),
    SOCKHASH("sockhash"),
    CGROUP_STORAGE("cgroup_storage"),
    REUSEPORT_SOCKARRAY("reuseport_sockarray"),
    PERCPU_CGROUP_STORAGE("percpu_cgroup_storage"),
    QUEUE("queue"),
    STACK("stack"),
    SK_STORAGE("sk_storage"),
    DEVMAP_HASH("devmap_hash"),
    STRUCT_OPS("struct_ops"),
    RINGBUF("ringbuf"),
    INODE_STORAGE("inode_storage"),
    TASK_STORAGE("task_storage"),
    BLOOM_FILTER("bloom_filter"),
    USER_RINGBUF("user_ringbuf"),
    CGRP_STORAGE("cgrp_storage"),
    ARENA("arena"),
    INSN_ARRAY("insn_array");

    private static final MapType[] ROWS = values();
    private final String label;

    MapType(String label) {
        this.label = label;
    }

    /** The kernel's number. */
    public int number() {
        return ordinal();
    }

    /** The name that bpftool prints. */
    public String label() {
        return label;
    }

    /** The row of a kernel number, or {@code null} for an unknown one. */
    public static MapType of(int number) {
        return number >= 0 && number < ROWS.length ? ROWS[number] : null;
    }

    public boolean isPerCpu() {
        return this == PERCPU_HASH
                || this == PERCPU_ARRAY
                || this == LRU_PERCPU_HASH
                || this == PERCPU_CGROUP_STORAGE;
    }

    /** Whether values are bound to kernel objects, which programs name where others have keys. */
    public boolean isLocalStorage() {
        return this == SK_STORAGE
                || this == INODE_STORAGE
                || this == TASK_STORAGE
                || this == CGRP_STORAGE;
    }

    public boolean isMapInMap() {
        return this == ARRAY_OF_MAPS || this == HASH_OF_MAPS;
    }
}

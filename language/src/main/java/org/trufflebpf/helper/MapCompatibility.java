package org.trufflebpf.helper;

import org.trufflebpf.uapi.MapType;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which map types go with which helpers, as the kernel's {@code check_map_func_compatibility} holds
 * them: some types can only be passed to certain helpers, some helpers only take certain types.
 */
public final class MapCompatibility {
    /** Types whose maps go to these helpers only. */
    private static final String BY_TYPE =
            """
            PROG_ARRAY: tail_call
            PERF_EVENT_ARRAY: perf_event_read perf_event_output skb_output perf_event_read_value xdp_output
            RINGBUF: ringbuf_output ringbuf_reserve ringbuf_query ringbuf_reserve_dynptr ringbuf_submit_dynptr ringbuf_discard_dynptr
            USER_RINGBUF: user_ringbuf_drain
            STACK_TRACE: get_stackid
            CGROUP_ARRAY: skb_under_cgroup current_task_under_cgroup
            CGROUP_STORAGE: get_local_storage
            PERCPU_CGROUP_STORAGE: get_local_storage
            DEVMAP: redirect_map map_lookup_elem
            DEVMAP_HASH: redirect_map map_lookup_elem
            CPUMAP: redirect_map
            XSKMAP: redirect_map map_lookup_elem
            ARRAY_OF_MAPS: map_lookup_elem
            HASH_OF_MAPS: map_lookup_elem
            SOCKMAP: sk_redirect_map sock_map_update map_delete_elem msg_redirect_map sk_select_reuseport map_lookup_elem map_update_elem
            SOCKHASH: sk_redirect_hash sock_hash_update map_delete_elem msg_redirect_hash sk_select_reuseport map_lookup_elem map_update_elem
            REUSEPORT_SOCKARRAY: sk_select_reuseport
            QUEUE: map_peek_elem map_pop_elem map_push_elem
            STACK: map_peek_elem map_pop_elem map_push_elem
            SK_STORAGE: sk_storage_get sk_storage_delete kptr_xchg
            INODE_STORAGE: inode_storage_get inode_storage_delete kptr_xchg
            TASK_STORAGE: task_storage_get task_storage_delete kptr_xchg
            CGRP_STORAGE: cgrp_storage_get cgrp_storage_delete kptr_xchg
            BLOOM_FILTER: map_peek_elem map_push_elem
            INSN_ARRAY: map_lookup_elem
            STRUCT_OPS:
            ARENA:
            """;

    /** Helpers that take maps of these types only. */
    private static final String BY_HELPER =
            """
            tail_call: PROG_ARRAY
            perf_event_read: PERF_EVENT_ARRAY
            perf_event_output: PERF_EVENT_ARRAY
            perf_event_read_value: PERF_EVENT_ARRAY
            skb_output: PERF_EVENT_ARRAY
            xdp_output: PERF_EVENT_ARRAY
            ringbuf_output: RINGBUF
            ringbuf_reserve: RINGBUF
            ringbuf_query: RINGBUF
            ringbuf_reserve_dynptr: RINGBUF
            user_ringbuf_drain: USER_RINGBUF
            get_stackid: STACK_TRACE
            current_task_under_cgroup: CGROUP_ARRAY
            skb_under_cgroup: CGROUP_ARRAY
            redirect_map: DEVMAP DEVMAP_HASH CPUMAP XSKMAP
            sk_redirect_map: SOCKMAP
            msg_redirect_map: SOCKMAP
            sock_map_update: SOCKMAP
            sk_redirect_hash: SOCKHASH
            msg_redirect_hash: SOCKHASH
            sock_hash_update: SOCKHASH
            get_local_storage: CGROUP_STORAGE PERCPU_CGROUP_STORAGE
            sk_select_reuseport: REUSEPORT_SOCKARRAY SOCKMAP SOCKHASH
            map_pop_elem: QUEUE STACK
            map_peek_elem: QUEUE STACK BLOOM_FILTER
            map_push_elem: QUEUE STACK BLOOM_FILTER
            map_lookup_percpu_elem: PERCPU_ARRAY PERCPU_HASH LRU_PERCPU_HASH
            sk_storage_get: SK_STORAGE
            sk_storage_delete: SK_STORAGE
            inode_storage_get: INODE_STORAGE
            inode_storage_delete: INODE_STORAGE
            task_storage_get: TASK_STORAGE
            task_storage_delete: TASK_STORAGE
            cgrp_storage_get: CGRP_STORAGE
            cgrp_storage_delete: CGRP_STORAGE
            for_each_map_elem: HASH LRU_HASH PERCPU_HASH LRU_PERCPU_HASH ARRAY PERCPU_ARRAY
            """;

    private static final Map<MapType, Set<String>> HELPERS = new EnumMap<>(MapType.class);
    private static final Map<String, Set<MapType>> TYPES = new HashMap<>();

    static {
        for (String line : BY_TYPE.lines().toList()) {
            int colon = line.indexOf(':');
            Set<String> names = new HashSet<>();
            for (String name : line.substring(colon + 1).strip().split(" ")) {
                names.add(name);
            }
            HELPERS.put(MapType.valueOf(line.substring(0, colon)), names);
        }
        for (String line : BY_HELPER.lines().toList()) {
            int colon = line.indexOf(':');
            Set<MapType> types = EnumSet.noneOf(MapType.class);
            for (String type : line.substring(colon + 1).strip().split(" ")) {
                types.add(MapType.valueOf(type));
            }
            TYPES.put(line.substring(0, colon), types);
        }
    }

    private MapCompatibility() {}

    /** Whether the kernel lets a map of this type be passed to this helper. */
    public static boolean allows(MapType type, HelperRow helper) {
        Set<String> helpers = HELPERS.get(type);
        if (helpers != null && !helpers.contains(helper.name())) {
            return false;
        }
        Set<MapType> types = TYPES.get(helper.name());
        return types == null || types.contains(type);
    }
}

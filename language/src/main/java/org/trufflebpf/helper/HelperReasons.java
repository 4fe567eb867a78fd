package org.trufflebpf.helper;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Why helpers are refused: one row for each that {@link HelperImplementations} does not have.
 * Refusals and {@code docs/parity.md} read it.
 */
final class HelperReasons {
    private static final String ROWS =
            """
            perf_event_read: needs a hardware counter of perf
            perf_event_read_value: needs a hardware counter of perf
            perf_prog_read_value: needs a hardware counter of perf
            read_branch_records: needs the branch records of a processor
            get_branch_snapshot: needs the branch records of a processor
            lwt_push_encap: needs a route with a lightweight tunnel that sends the packet on
            lwt_seg6_store_bytes: needs a packet with a segment routing header in a seg6local route
            lwt_seg6_adjust_srh: needs a packet with a segment routing header in a seg6local route
            lwt_seg6_action: needs a packet with a segment routing header in a seg6local route
            skb_output: needs a live struct sk_buff of the kernel
            xdp_output: needs a live struct xdp_buff of the kernel
            ima_inode_hash: needs the measurements of the integrity subsystem (IMA)
            ima_file_hash: needs the measurements of the integrity subsystem (IMA)
            sock_from_file: needs a live struct file with a socket behind it
            snprintf_btf: values are shown by their types through maps and rings instead
            seq_printf_btf: values are shown by their types through maps and rings instead
            per_cpu_ptr: needs a per-CPU variable of a live kernel
            this_cpu_ptr: needs a per-CPU variable of a live kernel
            sys_bpf: needs a kernel that takes bpf() commands
            get_stackid: needs stacks of the kernel and of tasks
            get_stack: needs stacks of the kernel and of tasks
            get_task_stack: needs stacks of the kernel and of tasks
            sk_redirect_map: needs maps of type sockmap
            sock_map_update: needs maps of type sockmap
            msg_redirect_map: needs maps of type sockmap
            sock_hash_update: needs maps of type sockhash
            msg_redirect_hash: needs maps of type sockhash
            sk_redirect_hash: needs maps of type sockhash
            get_local_storage: needs maps of type cgroup_storage
            sk_select_reuseport: needs maps of type reuseport_sockarray
            skb_under_cgroup: needs maps of type cgroup_array
            current_task_under_cgroup: needs maps of type cgroup_array
            sk_storage_get: needs maps of type sk_storage
            sk_storage_delete: needs maps of type sk_storage
            inode_storage_get: needs maps of type inode_storage
            inode_storage_delete: needs maps of type inode_storage
            task_storage_get: needs maps of type task_storage
            task_storage_delete: needs maps of type task_storage
            cgrp_storage_get: needs maps of type cgrp_storage
            cgrp_storage_delete: needs maps of type cgrp_storage
            timer_init: needs timers in map values
            timer_set_callback: needs timers in map values
            timer_start: needs timers in map values
            timer_cancel: needs timers in map values
            kptr_xchg: needs pointers to kernel objects in map values
            dynptr_from_mem: needs dynptrs
            ringbuf_reserve_dynptr: needs dynptrs
            ringbuf_submit_dynptr: needs dynptrs
            ringbuf_discard_dynptr: needs dynptrs
            dynptr_read: needs dynptrs
            dynptr_write: needs dynptrs
            dynptr_data: needs dynptrs
            user_ringbuf_drain: needs maps of type user_ringbuf
            sys_close: needs a kernel that gives out file descriptors
            """;

    private static final Map<String, String> REASONS = parse();

    private HelperReasons() {}

    private static Map<String, String> parse() {
        Map<String, String> reasons = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            int colon = line.indexOf(':');
            reasons.put(line.substring(0, colon), line.substring(colon + 2));
        }
        return Map.copyOf(reasons);
    }

    /** The reason for a helper's refusal, or {@code null}. */
    static String of(String name) {
        return REASONS.get(name);
    }

    static Set<String> names() {
        return REASONS.keySet();
    }
}

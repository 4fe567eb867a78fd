package org.trufflebpf.verifier;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The arguments of tracepoints that may be NULL, as Linux 6.18 has them (kernel: {@code
 * raw_tp_null_args}): numbers of arguments, the names of tracepoints.
 */
final class TracepointNulls {
    private static final String ROWS =
            """
            0: mm_collapse_huge_page_isolate mm_page_alloc mm_page_alloc_zone_locked
            0: mm_page_pcpu_drain tmigr_update_events xfs_blockgc_flush_all xfs_blockgc_start
            0: xfs_blockgc_stop xfs_blockgc_worker xfs_defer_add_item xfs_defer_cancel_item
            0: xfs_defer_cancel_list xfs_defer_create_intent xfs_defer_finish_item
            0: xfs_defer_isolate_paused xfs_defer_item_pause xfs_defer_item_unpause
            0: xfs_defer_pending_abort xfs_defer_pending_finish xfs_defer_relog_intent
            0: xfs_fs_sync_fs xfs_inodegc_flush xfs_inodegc_push xfs_inodegc_queue
            0: xfs_inodegc_start xfs_inodegc_stop xfs_inodegc_throttle
            0,1: tcp_send_reset
            1: break_lease_block break_lease_noblock break_lease_unblock ext4_mballoc_discard
            1: ext4_mballoc_free fcntl_setlk flock_lock_inode folio_wait_writeback
            1: generic_delete_lease hugetlbfs_alloc_inode locks_remove_posix
            1: mm_khugepaged_collapse_file mm_khugepaged_scan_file mm_khugepaged_scan_pmd
            1: posix_lock_inode sched_pi_setprio time_out_leases writeback_dirty_folio
            1: xfs_blockgc_free_space xfs_ioc_free_eofblocks
            2: fib_table_lookup sched_stick_numa sched_swap_numa tcp_sendmsg_locked
            2: xfs_btree_overlapped_query_range xfs_btree_updkeys
            3: kfree_skb qdisc_dequeue
            4: xfs_map_blocks_alloc xfs_map_blocks_found
            """;

    private static final Map<String, Set<Integer>> BY_NAME = build();

    private TracepointNulls() {}

    /** Whether an argument (from 0) of a tracepoint may be NULL. */
    static boolean contains(String tracepoint, int argument) {
        return BY_NAME.getOrDefault(tracepoint, Set.of()).contains(argument);
    }

    private static Map<String, Set<Integer>> build() {
        Map<String, Set<Integer>> rows = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            int colon = line.indexOf(':');
            Set<Integer> arguments = new TreeSet<>();
            for (String number : line.substring(0, colon).split(",")) {
                arguments.add(Integer.parseInt(number));
            }
            for (String name : line.substring(colon + 2).split(" ")) {
                rows.put(name, arguments);
            }
        }
        return Map.copyOf(rows);
    }
}

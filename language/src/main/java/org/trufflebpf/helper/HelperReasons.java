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
            sys_bpf: needs a kernel that takes bpf() commands
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

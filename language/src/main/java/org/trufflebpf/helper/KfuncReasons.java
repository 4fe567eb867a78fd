package org.trufflebpf.helper;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Why kernel functions of Linux 6.18 are refused: each that {@link KfuncTable} does not have, by
 * what it needs. Those of the kernel that stand in for a family, as {@code scx_bpf_*}, are not
 * built into every kernel. Refusals and {@code docs/parity.md} read it.
 */
final class KfuncReasons {
    /** The reason, then the full names; {@code *} stands for any end of a name. */
    private static final String ROWS =
            """
            needs a live struct tcp_sock of the kernel: \
            bbr_* cubictcp_* dctcp_* tcp_cong_avoid_ai tcp_reno_cong_avoid tcp_reno_ssthresh \
            tcp_reno_undo_cwnd tcp_slow_start
            needs a listening socket that takes a connection from a SYN cookie: \
            bpf_sk_assign_tcp_reqsk
            needs a live struct sk_buff of the kernel: \
            bpf_sock_ops_enable_tx_tstamp
            needs a live socket of the family AF_UNIX: \
            bpf_sock_addr_set_sun_path
            needs a queueing discipline of a network device: \
            bpf_skb_get_hash bpf_kfree_skb bpf_qdisc_*
            needs a tunnel device of the kernel: \
            bpf_skb_set_fou_encap bpf_skb_get_fou_encap bpf_skb_set_xfrm_info \
            bpf_skb_get_xfrm_info
            needs the states of IPsec: \
            bpf_xdp_get_xfrm_state bpf_xdp_xfrm_state_release
            needs a flow table of netfilter: \
            bpf_xdp_flow_lookup
            needs a key of the kernel's key rings: \
            bpf_key_put bpf_lookup_system_key bpf_lookup_user_key bpf_verify_pkcs7_signature
            needs a live struct dentry or file with extended attributes: \
            bpf_get_dentry_xattr bpf_get_file_xattr bpf_remove_dentry_xattr bpf_set_dentry_xattr
            needs a file with fs-verity: \
            bpf_get_fsverity_digest
            needs a live cgroup with extended attributes: \
            bpf_cgroup_read_xattr
            needs the statistics of a live cgroup: \
            css_rstat_flush css_rstat_updated
            needs a live struct kmem_cache of the kernel: \
            bpf_get_kmem_cache bpf_iter_kmem_cache_destroy bpf_iter_kmem_cache_new \
            bpf_iter_kmem_cache_next
            needs live buffers of the kernel's dma-buf: \
            bpf_iter_dmabuf_destroy bpf_iter_dmabuf_new bpf_iter_dmabuf_next
            needs a live device of the kernel's HID subsystem: \
            hid_bpf_*
            needs the kernel's scheduler class sched_ext: \
            scx_bpf_* bpf_iter_scx_dsq_*
            needs a probe that spans a function's entry and return: \
            bpf_session_cookie bpf_session_is_return
            needs the kernel's own tests, whose function it is: \
            bpf_fentry_test1 bpf_kfunc_call_memb_release bpf_kfunc_call_test_release \
            bpf_modify_return_test bpf_modify_return_test2 bpf_modify_return_test_tp
            cannot be called, compilers put it where a variable has no value: \
            __bpf_trap
            """;

    /** Reasons by name or beginning of a name with {@code *}. */
    private static final Map<String, String> REASONS = parse();

    private KfuncReasons() {}

    private static Map<String, String> parse() {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (String line : ROWS.lines().toList()) {
            int colon = line.indexOf(':');
            for (String name : line.substring(colon + 2).split(" ")) {
                reasons.put(name, line.substring(0, colon));
            }
        }
        return reasons;
    }

    /** The reason for a function's refusal, or {@code null} if it is no function of Linux 6.18. */
    static String of(String name) {
        for (Map.Entry<String, String> row : REASONS.entrySet()) {
            String key = row.getKey();
            boolean family = key.endsWith("*");
            if (family ? name.startsWith(key.substring(0, key.length() - 1)) : key.equals(name)) {
                return row.getValue();
            }
        }
        return null;
    }

    /** Full names, and beginnings of names with {@code *}, sorted. */
    static SortedSet<String> names() {
        return new TreeSet<>(REASONS.keySet());
    }
}

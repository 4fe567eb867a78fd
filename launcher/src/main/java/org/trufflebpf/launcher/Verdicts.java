package org.trufflebpf.launcher;

import java.util.Set;

/** What becomes of a packet, by the name of the verdict. */
final class Verdicts {
    /** Verdicts after which a packet goes on, to the stack or out of an interface. */
    private static final Set<String> PASSING =
            Set.of(
                    "XDP_PASS",
                    "XDP_TX",
                    "XDP_REDIRECT",
                    "TC_ACT_UNSPEC",
                    "TC_ACT_OK",
                    "TC_ACT_RECLASSIFY",
                    "TC_ACT_PIPE",
                    "TC_ACT_REDIRECT",
                    "ALLOW",
                    "BPF_OK",
                    "BPF_REDIRECT",
                    "SK_PASS",
                    "NF_ACCEPT");

    private static final String SOCKET_FILTER = "socket_filter";

    /** Program types that run on a packet; the kernel refuses a test run of them without one. */
    private static final Set<String> PACKET_TYPES =
            Set.of(
                    SOCKET_FILTER,
                    "sched_cls",
                    "sched_act",
                    "xdp",
                    "cgroup_skb",
                    "lwt_in",
                    "lwt_out",
                    "lwt_xmit",
                    "lwt_seg6local",
                    "sk_skb",
                    "sk_msg",
                    "sk_reuseport",
                    "flow_dissector",
                    "netfilter");

    /** Whether programs of {@code type} take a packet. */
    static boolean judgesPackets(String type) {
        return type != null && PACKET_TYPES.contains(type);
    }

    static boolean passes(String verdict) {
        return PASSING.contains(verdict);
    }

    /**
     * How many bytes of a packet --pcap-out keeps, or -1 for a packet that does not pass. A socket
     * filter returns just that number; where a type has no verdicts, each packet passes.
     */
    static int kept(String type, String verdict, long retval, int length) {
        if (SOCKET_FILTER.equals(type)) {
            return retval == 0 ? -1 : (int) Math.min(retval, length);
        }
        return verdict == null || passes(verdict) ? length : -1;
    }

    private Verdicts() {}
}

package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.util.Map;

/**
 * Helpers that say where a packet goes. A test run does not send it: the target is kept in {@link
 * Packet#redirect()}.
 */
final class RedirectHelpers {
    private static final long XDP_ABORTED = 0;
    private static final long XDP_REDIRECT = 4;
    private static final long TC_ACT_SHOT = 2;
    private static final long TC_ACT_REDIRECT = 7;
    private static final long INGRESS = 1;

    /** Actions that may stand in the low bits of the flags, for a key without a target. */
    private static final long ACTION_MASK = 3;

    /** {@code sizeof(struct bpf_redir_neigh)}. */
    private static final long NEIGH_SIZE = 20;

    private static final long BROADCAST = 8;
    private static final long EXCLUDE_INGRESS = 16;

    private RedirectHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "redirect",
                (run, ifindex, flags, r3, r4, r5) -> redirect(run, (int) ifindex, flags));
        all.put(
                "redirect_map",
                (run, map, key, flags, r4, r5) ->
                        redirectMap(run, MapHelpers.map(run, map), key, flags));
        all.put(
                "clone_redirect",
                (run, skb, ifindex, flags, r4, r5) ->
                        cloneRedirect(Packet.of(run), (int) ifindex, flags));
        all.put(
                "redirect_neigh",
                (run, ifindex, params, size, flags, r5) -> {
                    if ((size != 0 && size < NEIGH_SIZE) || flags != 0) {
                        return TC_ACT_SHOT;
                    }
                    Packet.of(run).setRedirect(new Packet.Redirect((int) ifindex, null, 0, flags));
                    return TC_ACT_REDIRECT;
                });
        all.put(
                "redirect_peer",
                (run, ifindex, flags, r3, r4, r5) -> {
                    if (flags != 0) {
                        return TC_ACT_SHOT;
                    }
                    Packet.of(run).setRedirect(new Packet.Redirect((int) ifindex, null, 0, flags));
                    return TC_ACT_REDIRECT;
                });
    }

    private static boolean isXdp(Run run) {
        return run.program().type() == ProgramType.XDP;
    }

    private static long redirect(Run run, int ifindex, long flags) {
        boolean xdp = isXdp(run);
        if ((flags & ~(xdp ? 0 : INGRESS)) != 0) {
            return xdp ? XDP_ABORTED : TC_ACT_SHOT;
        }
        Packet.of(run).setRedirect(new Packet.Redirect(ifindex, null, 0, flags));
        return xdp ? XDP_REDIRECT : TC_ACT_REDIRECT;
    }

    private static long redirectMap(Run run, BpfMap map, long key, long flags) {
        boolean devices = map.type() == MapType.DEVMAP || map.type() == MapType.DEVMAP_HASH;
        if ((flags & ~(ACTION_MASK | (devices ? BROADCAST | EXCLUDE_INGRESS : 0))) != 0) {
            return XDP_ABORTED;
        }
        if ((flags & BROADCAST) == 0 && !map.isTarget((int) key)) {
            return flags & ACTION_MASK;
        }
        Packet.of(run).setRedirect(new Packet.Redirect(0, map.name(), key & 0xffff_ffffL, flags));
        return XDP_REDIRECT;
    }

    /** Sends a copy; the only interface of a test run is the loopback device, number 1. */
    private static long cloneRedirect(Packet packet, int ifindex, long flags) {
        if ((flags & ~INGRESS) != 0 || ifindex != 1) {
            return Errno.EINVAL.negative();
        }
        packet.setRedirect(new Packet.Redirect(ifindex, null, 0, flags));
        return 0;
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.context.XdpContext;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Helpers of XDP programs on their packet. */
final class XdpHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final int PAGE_SIZE = 4096;

    private XdpHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "xdp_adjust_head",
                (run, xdp, delta, r3, r4, r5) -> adjustHead(run, Packet.of(run), (int) delta));
        all.put(
                "xdp_adjust_meta",
                (run, xdp, delta, r3, r4, r5) -> adjustMeta(Packet.of(run), (int) delta));
        all.put(
                "xdp_adjust_tail",
                (run, xdp, delta, r3, r4, r5) -> adjustTail(run, Packet.of(run), (int) delta));
        all.put("xdp_get_buff_len", (run, xdp, r2, r3, r4, r5) -> Packet.of(run).length());
        all.put(
                "xdp_load_bytes",
                (run, xdp, offset, to, size, r5) -> {
                    long error = check(Packet.of(run), offset, size);
                    if (error == 0) {
                        Packet.of(run).load((int) offset, to, (int) size);
                    }
                    return error;
                });
        all.put(
                "xdp_store_bytes",
                (run, xdp, offset, from, size, r5) -> {
                    long error = check(Packet.of(run), offset, size);
                    if (error == 0) {
                        Packet.of(run).store((int) offset, from, (int) size);
                    }
                    return error;
                });
    }

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "xdp_pull_data",
                (run, xdp, length, r3, r4, r5) -> pull(run, Packet.of(run), length & 0xffff_ffffL));
    }

    /**
     * Takes bytes out of the fragments into the page, so that the program can address {@code
     * length} of them; where the room behind is too small the packet moves into the headroom.
     */
    private static long pull(Run run, Packet packet, long length) {
        int delta = (int) (length - packet.linear());
        if (length <= packet.linear()) {
            return 0;
        }
        long headroom = packet.meta() - packet.hardStart() - XdpContext.FRAME_SIZE;
        long tailroom = packet.hardEnd() - packet.end();
        if (length > packet.length() || delta > headroom + tailroom) {
            return INVALID;
        }
        long shift = Math.max(0, delta - tailroom);
        run.memory().copy(packet.meta(), packet.meta() - shift, packet.end() - packet.meta());
        long end = packet.end() - shift;
        run.memory().copy(packet.fragStart(), end, delta);
        packet.setFragments(packet.fragStart() + delta, packet.fragSize() - delta);
        packet.setBounds(packet.meta() - shift, packet.data() - shift, end + delta);
        packet.publish();
        return 0;
    }

    private static long adjustHead(Run run, Packet packet, int delta) {
        long metaSize = packet.data() - packet.meta();
        long data = packet.data() + delta;
        long first = packet.hardStart() + XdpContext.FRAME_SIZE + metaSize;
        if (data < first || data > packet.end() - Packet.ETH_HLEN) {
            return INVALID;
        }
        if (metaSize != 0) {
            run.memory().copy(packet.meta(), packet.meta() + delta, metaSize);
        }
        packet.setBounds(packet.meta() + delta, data, packet.end());
        packet.publish();
        return 0;
    }

    private static long adjustMeta(Packet packet, int delta) {
        long meta = packet.meta() + delta;
        long size = packet.data() - meta;
        if (meta < packet.hardStart() + XdpContext.FRAME_SIZE || size < 0) {
            return INVALID;
        }
        if ((size & 3) != 0 || size > XdpContext.MAX_META) {
            return Errno.EACCES.negative();
        }
        packet.setBounds(meta, packet.data(), packet.end());
        packet.publish();
        return 0;
    }

    private static long adjustTail(Run run, Packet packet, int delta) {
        if (packet.fragSize() > 0) {
            return adjustFragments(run, packet, delta);
        }
        long end = packet.end() + delta;
        if (end > packet.hardEnd() || end < packet.data() + Packet.ETH_HLEN) {
            return INVALID;
        }
        if (delta > 0) {
            run.memory().fill(packet.end(), delta, (byte) 0);
        }
        packet.setBounds(packet.meta(), packet.data(), end);
        packet.publish();
        return 0;
    }

    /**
     * Only the last fragment grows, within its page; shrinking takes fragments away from the end.
     */
    private static long adjustFragments(Run run, Packet packet, int delta) {
        int size = packet.fragSize();
        if (delta >= 0) {
            long behind = packet.fragStart() + size - packet.hardStart();
            long last = (behind - 1) % PAGE_SIZE + 1;
            if (delta > PAGE_SIZE - last) {
                return INVALID;
            }
            run.memory().fill(packet.fragStart() + size, delta, (byte) 0);
            packet.setFragments(packet.fragStart(), size + delta);
            return 0;
        }
        int shrink = -delta;
        if (shrink < 0 || shrink > packet.length() - Packet.ETH_HLEN) {
            return INVALID;
        }
        int fromFragments = Math.min(shrink, size);
        packet.setFragments(packet.fragStart(), size - fromFragments);
        packet.setBounds(packet.meta(), packet.data(), packet.end() - (shrink - fromFragments));
        packet.publish();
        return 0;
    }

    private static long check(Packet packet, long offset, long size) {
        long start = offset & 0xffff_ffffL;
        if (start > 0xffff || size > 0xffff) {
            return Errno.EFAULT.negative();
        }
        return start + size > packet.length() ? INVALID : 0;
    }
}

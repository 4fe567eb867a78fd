package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Helpers that make an skb longer or shorter at its ends or behind its headers. */
final class SkbShapeHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long UNSUPPORTED = Errno.ENOTSUPP.negative();

    /** Longest packet that a program may make: {@code SKB_MAX_ALLOC}. */
    private static final int MAX_LENGTH = 16064;

    private static final int IP_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    private static final int ADJ_ROOM_NET = 0;
    private static final int ADJ_ROOM_MAC = 1;
    private static final long ENCAP_IPV4 = 1 << 1;
    private static final long ENCAP_IPV6 = 1 << 2;
    private static final long ENCAP_GRE = 1 << 3;
    private static final long ENCAP_UDP = 1 << 4;
    private static final long NO_CSUM_RESET = 1 << 5;
    private static final long ENCAP_ETH = 1 << 6;
    private static final long DECAP_IPV4 = 1 << 7;
    private static final long DECAP_IPV6 = 1 << 8;
    private static final long FIXED_GSO = 1;
    private static final int ENCAP_L2_SHIFT = 56;

    private SkbShapeHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "skb_change_head",
                (run, skb, room, flags, r4, r5) -> changeHead(run, (int) room, flags));
        all.put(
                "skb_change_tail",
                (run, skb, size, flags, r4, r5) -> changeTail(run, size & 0xffff_ffffL, flags));
        all.put(
                "skb_change_proto",
                (run, skb, proto, flags, r4, r5) -> changeProtocol(run, skb, proto, flags));
        all.put("skb_adjust_room", SkbShapeHelpers::adjustRoom);
    }

    static int protocol(Run run, long skb) {
        return NetworkBytes.raw(run.memory(), run.memory().getInt(skb + SkBuff.PROTOCOL));
    }

    static void setProtocol(Run run, long skb, int type) {
        run.memory().putInt(skb + SkBuff.PROTOCOL, NetworkBytes.raw(run.memory(), type));
    }

    private static long changeHead(Run run, int room, long flags) {
        Packet packet = Packet.of(run);
        if (flags != 0 || room < 0 || packet.length() + (long) room > MAX_LENGTH) {
            return INVALID;
        }
        packet.reserveHead(room);
        long data = packet.data() - room;
        run.memory().fill(data, room, (byte) 0);
        packet.setBounds(data, data, packet.end());
        packet.setHeaders(data, packet.networkHeader());
        packet.publish();
        return 0;
    }

    private static long changeTail(Run run, long size, long flags) {
        Packet packet = Packet.of(run);
        long min = Math.max(0, packet.networkHeader() - packet.data());
        if (flags != 0 || size > MAX_LENGTH || size < min) {
            return INVALID;
        }
        packet.reserveTail((int) size);
        long end = packet.data() + size;
        if (end > packet.end()) {
            run.memory().fill(packet.end(), end - packet.end(), (byte) 0);
        }
        packet.setBounds(packet.data(), packet.data(), end);
        packet.publish();
        return 0;
    }

    /**
     * Opens {@code size} bytes of zeros behind the first {@code offset} bytes; headers in front
     * move with them.
     */
    static void push(Run run, int offset, int size) {
        Packet packet = Packet.of(run);
        packet.reserveHead(size);
        Memory memory = run.memory();
        long data = packet.data() - size;
        memory.copy(packet.data(), data, offset);
        memory.fill(data + offset, size, (byte) 0);
        packet.setBounds(data, data, packet.end());
        packet.setHeaders(packet.macHeader() - size, packet.networkHeader() - size);
        packet.publish();
    }

    /** Takes out {@code size} bytes behind the first {@code offset} bytes. */
    static void pop(Run run, int offset, int size) {
        Packet packet = Packet.of(run);
        long data = packet.data() + size;
        run.memory().copy(packet.data(), data, offset);
        packet.setBounds(data, data, packet.end());
        packet.setHeaders(packet.macHeader() + size, packet.networkHeader() + size);
        packet.publish();
    }

    private static int macLength(Packet packet) {
        return (int) (packet.networkHeader() - packet.macHeader());
    }

    private static long changeProtocol(Run run, long skb, long proto, long flags) {
        if (flags != 0) {
            return INVALID;
        }
        int from = protocol(run, skb);
        int to = NetworkBytes.raw(run.memory(), (int) proto);
        Packet packet = Packet.of(run);
        int difference = IPV6_HEADER - IP_HEADER;
        if (from == EtherType.IP && to == EtherType.IPV6) {
            push(run, macLength(packet), difference);
        } else if (from == EtherType.IPV6 && to == EtherType.IP) {
            if (macLength(packet) + difference > packet.length()) {
                return Errno.ENOMEM.negative();
            }
            pop(run, macLength(packet), difference);
        } else {
            return UNSUPPORTED;
        }
        setProtocol(run, skb, to);
        return SkbHelpers.setHash(run, skb, 0);
    }

    // ---- bpf_skb_adjust_room

    private static long adjustRoom(Run run, long skb, long delta, long mode, long flags, long r5) {
        Packet packet = Packet.of(run);
        int change = (int) delta;
        int size = Math.abs(change);
        long known =
                FIXED_GSO
                        | ENCAP_IPV4
                        | ENCAP_IPV6
                        | ENCAP_GRE
                        | ENCAP_UDP
                        | NO_CSUM_RESET
                        | ENCAP_ETH
                        | DECAP_IPV4
                        | DECAP_IPV6
                        | 0xffL << ENCAP_L2_SHIFT;
        if ((flags & ~known) != 0) {
            return INVALID;
        }
        if (Integer.compareUnsigned(size, 0xfff) > 0) {
            return Errno.EFAULT.negative();
        }
        int protocol = protocol(run, skb);
        if (protocol != EtherType.IP && protocol != EtherType.IPV6) {
            return UNSUPPORTED;
        }
        int base = protocol == EtherType.IP ? IP_HEADER : IPV6_HEADER;
        int kind = (int) mode;
        if (kind != ADJ_ROOM_NET && kind != ADJ_ROOM_MAC) {
            return UNSUPPORTED;
        }
        int offset = macLength(packet) + (kind == ADJ_ROOM_NET ? base : 0);
        boolean shrink = change < 0;
        int min = base;
        if ((flags & (DECAP_IPV4 | DECAP_IPV6)) != 0) {
            boolean both = (flags & DECAP_IPV4) != 0 && (flags & DECAP_IPV6) != 0;
            if (!shrink || both) {
                return INVALID;
            }
            min = (flags & DECAP_IPV4) != 0 ? IP_HEADER : IPV6_HEADER;
        }
        int current = (int) (packet.end() - packet.networkHeader());
        if (shrink
                ? size >= current || current - size < min
                : packet.length() + size > MAX_LENGTH) {
            return UNSUPPORTED;
        }
        long error =
                shrink
                        ? shrink(run, skb, offset, size, flags)
                        : grow(run, skb, offset, size, flags);
        if (error == 0 && (flags & NO_CSUM_RESET) == 0) {
            packet.setChecksumLevel(-1);
        }
        return error;
    }

    private static long shrink(Run run, long skb, int offset, int size, long flags) {
        if ((flags & ~(FIXED_GSO | NO_CSUM_RESET | DECAP_IPV4 | DECAP_IPV6)) != 0) {
            return INVALID;
        }
        if (offset + size > Packet.of(run).length()) {
            return Errno.ENOMEM.negative();
        }
        pop(run, offset, size);
        if ((flags & DECAP_IPV4) != 0) {
            setProtocol(run, skb, EtherType.IP);
        } else if ((flags & DECAP_IPV6) != 0) {
            setProtocol(run, skb, EtherType.IPV6);
        }
        return 0;
    }

    private static long grow(Run run, long skb, int offset, int size, long flags) {
        Packet packet = Packet.of(run);
        boolean encapsulate = (flags & (ENCAP_IPV4 | ENCAP_IPV6)) != 0;
        if (encapsulate) {
            int innerMac = (int) (flags >>> ENCAP_L2_SHIFT);
            boolean both = (flags & ENCAP_IPV4) != 0 && (flags & ENCAP_IPV6) != 0;
            boolean bothTransports = (flags & ENCAP_GRE) != 0 && (flags & ENCAP_UDP) != 0;
            if (both
                    || bothTransports
                    || ((flags & ENCAP_ETH) != 0 && innerMac < Packet.ETH_HLEN)) {
                return INVALID;
            }
            if (packet.isEncapsulated()) {
                return Errno.EALREADY.negative();
            }
            if (innerMac > size) {
                return INVALID;
            }
        }
        push(run, offset, size);
        if (encapsulate) {
            packet.setEncapsulated();
            setProtocol(run, skb, (flags & ENCAP_IPV6) != 0 ? EtherType.IPV6 : EtherType.IP);
        }
        return 0;
    }
}

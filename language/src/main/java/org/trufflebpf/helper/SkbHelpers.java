package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;

import java.util.Map;

/**
 * Helpers on the bytes and fields of an skb; those that change its shape are in {@link
 * SkbShapeHelpers}.
 */
final class SkbHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long FAULT = Errno.EFAULT.negative();

    private static final long RECOMPUTE_CSUM = 1;
    private static final long INVALIDATE_HASH = 2;

    /** {@code PACKET_OTHERHOST}, the highest type that programs may set. */
    private static final int LAST_TYPE = 3;

    private SkbHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "skb_load_bytes",
                (run, skb, offset, to, size, r5) ->
                        load(run, offset & 0xffff_ffffL, to, (int) size));
        all.put("skb_load_bytes_relative", SkbHelpers::loadRelative);
        all.put("skb_store_bytes", SkbHelpers::store);
        all.put(
                "skb_pull_data",
                (run, skb, size, r3, r4, r5) -> pull(Packet.of(run), size & 0xffff_ffffL));
        all.put(
                "skb_change_type",
                (run, skb, type, r3, r4, r5) -> changeType(run, skb, (int) type));
        all.put("get_hash_recalc", (run, skb, r2, r3, r4, r5) -> FlowHash.recalculate(run, skb));
        all.put("set_hash_invalid", (run, skb, r2, r3, r4, r5) -> setHash(run, skb, 0));
        all.put("set_hash", (run, skb, hash, r3, r4, r5) -> setHash(run, skb, (int) hash));
        all.put(
                "skb_ecn_set_ce",
                (run, skb, r2, r3, r4, r5) -> setCongestion(run, skb, Packet.of(run)));
        all.put(
                "skb_set_tstamp",
                (run, skb, time, type, r4, r5) -> setTime(run, skb, time, (int) type));
        // a test packet has no route
        all.put("get_route_realm", (run, skb, r2, r3, r4, r5) -> 0);
    }

    private static long load(Run run, long offset, long to, int size) {
        Packet packet = Packet.of(run);
        // the kernel's test run of a flow dissector has bytes, but no skb
        boolean none = run.program().type() == ProgramType.FLOW_DISSECTOR;
        if (none || offset > Integer.MAX_VALUE || packet.at((int) offset, size) < 0) {
            run.memory().fill(to, size, (byte) 0);
            return FAULT;
        }
        packet.load((int) offset, to, size);
        return 0;
    }

    private static long loadRelative(
            Run run, long skb, long offset, long to, long size, long from) {
        Packet packet = Packet.of(run);
        Memory memory = run.memory();
        long header = (int) from == 0 ? packet.macHeader() : packet.networkHeader();
        long address = header + (offset & 0xffff_ffffL);
        if ((offset & 0xffff_ffffL) > 0xffff
                || (from & 0xffff_ffffL) > 1
                || address + size > packet.end()) {
            memory.fill(to, size, (byte) 0);
            return FAULT;
        }
        memory.copy(address, to, size);
        return 0;
    }

    private static long store(Run run, long skb, long offset, long from, long size, long flags) {
        if ((flags & ~(RECOMPUTE_CSUM | INVALIDATE_HASH)) != 0) {
            return INVALID;
        }
        Packet packet = Packet.of(run);
        long start = offset & 0xffff_ffffL;
        if (start > Integer.MAX_VALUE || packet.at((int) start, (int) size) < 0) {
            return FAULT;
        }
        packet.store((int) start, from, (int) size);
        if ((flags & INVALIDATE_HASH) != 0) {
            setHash(run, skb, 0);
        }
        return 0;
    }

    private static long pull(Packet packet, long size) {
        return size > packet.length() ? Errno.ENOMEM.negative() : 0;
    }

    private static long changeType(Run run, long skb, int type) {
        Memory memory = run.memory();
        int old = memory.getInt(skb + SkBuff.PKT_TYPE);
        if (Integer.compareUnsigned(old, LAST_TYPE) > 0
                || Integer.compareUnsigned(type, LAST_TYPE) > 0) {
            return INVALID;
        }
        memory.putInt(skb + SkBuff.PKT_TYPE, type);
        return 0;
    }

    static long setHash(Run run, long skb, int hash) {
        run.memory().putInt(skb + SkBuff.HASH, hash);
        Packet.of(run).setHashed(hash != 0);
        return 0;
    }

    /** Marks congestion in the IP header of an ECN-capable packet; whether it is marked now. */
    private static long setCongestion(Run run, long skb, Packet packet) {
        Memory memory = run.memory();
        long header = packet.networkHeader();
        int protocol = NetworkBytes.raw(memory, memory.getInt(skb + SkBuff.PROTOCOL));
        if (protocol == EtherType.IP && header + 20 <= packet.end()) {
            int tos = memory.getByte(header + 1);
            if ((tos & 3) == 0) {
                return 0;
            }
            if ((tos & 3) != 3) {
                int sum = NetworkBytes.getShort(memory, header + 10) + 0xfffb + (tos + 1 & 3);
                sum = (sum & 0xffff) + (sum >>> 16);
                NetworkBytes.putShort(memory, header + 10, sum + (sum >= 0xffff ? 1 : 0));
                memory.putByte(header + 1, (byte) (tos | 3));
            }
            return 1;
        }
        if (protocol == EtherType.IPV6 && header + 40 <= packet.end()) {
            if ((memory.getByte(header + 1) & 0x30) == 0) {
                return 0;
            }
            memory.putByte(header + 1, (byte) (memory.getByte(header + 1) | 0x30));
            return 1;
        }
        return 0;
    }

    private static long setTime(Run run, long skb, long time, int type) {
        Memory memory = run.memory();
        int protocol = NetworkBytes.raw(memory, memory.getInt(skb + SkBuff.PROTOCOL));
        if (protocol != EtherType.IP && protocol != EtherType.IPV6) {
            return Errno.EOPNOTSUPP.negative();
        }
        if (type < 0 || type > 2 || (type != 0 && time == 0)) {
            return INVALID;
        }
        memory.putLong(skb + SkBuff.TSTAMP, time);
        memory.putByte(skb + SkBuff.TSTAMP_TYPE, (byte) type);
        return 0;
    }
}

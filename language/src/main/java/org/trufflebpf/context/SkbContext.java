package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Types whose context is {@code struct __sk_buff}. The input is an Ethernet frame; traffic control
 * sees all of it, the other types see it from the network header on, and give back 14 zeros in
 * place of the Ethernet header.
 */
public final class SkbContext implements ProgramContext {
    static final SkbContext LINK = new SkbContext(true);
    static final SkbContext NETWORK = new SkbContext(false);

    /** {@code NET_SKB_PAD + NET_IP_ALIGN} on x86-64: headroom of a test packet. */
    private static final int HEADROOM = 64;

    /** Where a packet starts in the packet space, so that it may grow at both ends. */
    private static final int ROOM = 96 * 1024;

    private static final int MAX_SIZE = PacketRules.PAGE_SIZE - HEADROOM - PacketRules.TAILROOM;
    private static final int GSO_MAX = 65536;

    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    // struct bpf_sock
    private static final int SOCKET_SIZE = 80;
    private static final int SOCKET_FAMILY = 4;
    private static final int SOCKET_SRC_IP4 = 24;
    private static final int SOCKET_SRC_IP6 = 28;
    private static final int SOCKET_DST_IP4 = 52;
    private static final int SOCKET_DST_IP6 = 56;
    private static final int SOCKET_STATE = 72;
    private static final int SOCKET_RX_QUEUE = 76;
    private static final int TCP_CLOSE = 7;

    private static final Packet.Layout LAYOUT =
            new Packet.Layout(SkBuff.DATA, SkBuff.DATA_END, SkBuff.DATA_META, SkBuff.LEN);

    private final boolean link;

    private SkbContext(boolean link) {
        this.link = link;
    }

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.size(input.data(), Packet.ETH_HLEN, MAX_SIZE);
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + SkBuff.SIZE);
        memory.fill(context, SkBuff.SIZE, (byte) 0);
        int size = input.data().length;
        checkHeader(input.data());
        int length = link ? size : size - Packet.ETH_HLEN;
        if (input.ctx() != null) {
            takeContext(memory, context, input.ctx(), length);
        }
        long frame = run.packetStart() + ROOM;
        memory.fill(frame - HEADROOM, HEADROOM, (byte) 0);
        memory.write(frame, input.data());
        long network = frame + Packet.ETH_HLEN;
        Packet packet = new Packet(run, LAYOUT);
        packet.place(run.packetStart(), run.packetStart() + Run.PACKET_SPACE);
        long data = link ? frame : network;
        packet.setBounds(data, data, frame + size);
        packet.setHeaders(frame, network);
        run.setExtension(packet);
        describe(memory, context, frame, size);
        addSocket(run, context);
        packet.publish();
        return context;
    }

    /** Takes what a given context may set, and refuses what it may not. */
    private static void takeContext(Memory memory, long context, byte[] given, int length) {
        byte[] ctx = PacketRules.context(given, SkBuff.SIZE, "struct __sk_buff");
        PacketRules.expectZero(ctx, 0, SkBuff.MARK, "len or pkt_type");
        PacketRules.expectZero(
                ctx,
                SkBuff.QUEUE_MAPPING,
                SkBuff.PRIORITY,
                "queue_mapping, protocol or vlan fields");
        PacketRules.expectZero(ctx, SkBuff.TC_INDEX, SkBuff.CB, "tc_index");
        PacketRules.expectZero(ctx, SkBuff.HASH, SkBuff.TSTAMP, "a field from hash to flow_keys");
        PacketRules.expectZero(ctx, SkBuff.SK, SkBuff.GSO_SIZE, "sk");
        PacketRules.expectZero(ctx, SkBuff.TSTAMP_TYPE, SkBuff.HWTSTAMP, "tstamp_type");
        memory.write(context, ctx);
        PacketRules.checkInterface(memory.getInt(context + SkBuff.IFINDEX), "ifindex");
        int wireLength = memory.getInt(context + SkBuff.WIRE_LEN);
        if (wireLength == 0) {
            memory.putInt(context + SkBuff.WIRE_LEN, length);
        } else if (Integer.compareUnsigned(wireLength, length) < 0
                || Integer.compareUnsigned(wireLength, GSO_MAX) > 0) {
            throw BpfException.usage(
                    "ctx_in has wire_len "
                            + Integer.toUnsignedString(wireLength)
                            + ", expected "
                            + length
                            + " to "
                            + GSO_MAX
                            + " (EINVAL)");
        }
        if (Integer.compareUnsigned(memory.getInt(context + SkBuff.GSO_SEGS), 0xffff) > 0) {
            throw BpfException.usage("ctx_in has a gso_segs above 65535 (EINVAL)");
        }
    }

    /** Refuses IP packets without a whole IP header. */
    private static void checkHeader(byte[] frame) {
        int type = Byte.toUnsignedInt(frame[12]) << 8 | Byte.toUnsignedInt(frame[13]);
        int header = type == ETH_P_IP ? 20 : type == ETH_P_IPV6 ? 40 : 0;
        if (frame.length - Packet.ETH_HLEN < header) {
            throw BpfException.usage(
                    "data_in has "
                            + (frame.length - Packet.ETH_HLEN)
                            + " bytes behind an Ethernet header of type 0x"
                            + Integer.toHexString(type)
                            + ", expected "
                            + header
                            + " or more (EINVAL)");
        }
    }

    /** Fills in what the kernel finds in the frame. */
    private static void describe(Memory memory, long context, long frame, int size) {
        if (memory.getInt(context + SkBuff.IFINDEX) == 0) {
            memory.putInt(context + SkBuff.IFINDEX, 1);
        }
        int type = NetworkBytes.getShort(memory, frame + 12);
        int protocol = type;
        if (type < 0x600) {
            boolean novell = size >= 16 && NetworkBytes.getShort(memory, frame + 14) == 0xffff;
            protocol = novell ? 1 : 4; // ETH_P_802_3, ETH_P_802_2
        }
        memory.putInt(context + SkBuff.PROTOCOL, NetworkBytes.raw(memory, protocol));
        memory.putInt(context + SkBuff.PKT_TYPE, packetType(memory, frame));
        long network = frame + Packet.ETH_HLEN;
        int left = size - Packet.ETH_HLEN;
        if (protocol == ETH_P_IP) {
            memory.putInt(context + SkBuff.FAMILY, AF_INET);
            if (left >= 20) {
                memory.copy(network + 12, context + SkBuff.LOCAL_IP4, 4);
                memory.copy(network + 16, context + SkBuff.REMOTE_IP4, 4);
            }
        } else if (protocol == ETH_P_IPV6) {
            memory.putInt(context + SkBuff.FAMILY, AF_INET6);
            if (left >= 40) {
                memory.copy(network + 8, context + SkBuff.LOCAL_IP6, 16);
                memory.copy(network + 24, context + SkBuff.REMOTE_IP6, 16);
            }
        }
    }

    /**
     * {@code PACKET_HOST} for the loopback device's address of zeros, else multicast (its broadcast
     * address is zeros too) or other host.
     */
    private static int packetType(Memory memory, long frame) {
        long address =
                Integer.toUnsignedLong(memory.getInt(frame)) << 16
                        | Short.toUnsignedLong(memory.getShort(frame + 4));
        if (address == 0) {
            return 0;
        }
        return (memory.getByte(frame) & 1) != 0 ? 2 : 3;
    }

    /**
     * Gives the packet the socket that the kernel's test run makes: closed, with the packet's
     * addresses.
     */
    private static void addSocket(Run run, long context) {
        Memory memory = run.memory();
        long socket = run.objectStart();
        run.object().resize(socket, socket + SOCKET_SIZE);
        memory.fill(socket, SOCKET_SIZE, (byte) 0);
        memory.copy(context + SkBuff.FAMILY, socket + SOCKET_FAMILY, 4);
        memory.copy(context + SkBuff.LOCAL_IP4, socket + SOCKET_SRC_IP4, 4);
        memory.copy(context + SkBuff.LOCAL_IP6, socket + SOCKET_SRC_IP6, 16);
        memory.copy(context + SkBuff.REMOTE_IP4, socket + SOCKET_DST_IP4, 4);
        memory.copy(context + SkBuff.REMOTE_IP6, socket + SOCKET_DST_IP6, 16);
        memory.putInt(socket + SOCKET_STATE, TCP_CLOSE);
        memory.putInt(socket + SOCKET_RX_QUEUE, -1);
        memory.putLong(context + SkBuff.SK, socket);
    }

    @Override
    public String input() {
        return "data_in: an Ethernet frame of 14 to 3712 bytes, seen "
                + (link
                        ? "whole"
                        : "from the network header on (the Ethernet header comes back as zeros)")
                + "; ctx_in: struct __sk_buff with mark, priority, ingress_ifindex, ifindex, cb,"
                + " tstamp, wire_len, gso_segs, gso_size, hwtstamp. Both come back.";
    }

    @Override
    public long keptBits(int offset) {
        return offset == SkBuff.TC_INDEX || offset == SkBuff.TC_CLASSID ? 0xffff : -1;
    }

    @Override
    public int retval(Run run, RunInput input, long r0) {
        return (int) r0;
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        Packet packet = Packet.of(run);
        Memory memory = run.memory();
        byte[] data;
        if (link) {
            data = packet.bytes(packet.data());
        } else {
            data = new byte[Packet.ETH_HLEN + packet.linear()];
            memory.read(packet.data(), data, Packet.ETH_HLEN, packet.linear());
        }
        byte[] ctxOut =
                input.ctx() == null ? null : contextOut(memory, run.context().start(), input.ctx());
        return new RunOutput((int) r0, r0, data, ctxOut);
    }

    /** The given context with the fields that the kernel writes back. */
    private static byte[] contextOut(Memory memory, long context, byte[] given) {
        byte[] out = PacketRules.context(given, SkBuff.SIZE, "struct __sk_buff");
        memory.read(context + SkBuff.MARK, out, SkBuff.MARK, 4);
        memory.read(context + SkBuff.PRIORITY, out, SkBuff.PRIORITY, 12);
        memory.read(context + SkBuff.CB, out, SkBuff.CB, SkBuff.CB_SIZE);
        memory.read(context + SkBuff.TSTAMP, out, SkBuff.TSTAMP, 16);
        memory.read(context + SkBuff.HWTSTAMP, out, SkBuff.HWTSTAMP, 8);
        return out;
    }
}

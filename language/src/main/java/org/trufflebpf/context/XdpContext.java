package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * XDP: {@code struct xdp_md} and a packet with 256 bytes of headroom in a page. Metadata that
 * {@code ctx_in} asks for ({@code data}: its size) is the front of {@code data_in}. What does not
 * fit in the page, or lies beyond the {@code data_end} of {@code ctx_in}, is in fragments, which
 * only helpers reach.
 */
public final class XdpContext implements ProgramContext {
    static final XdpContext INSTANCE = new XdpContext();

    /** {@code sizeof(struct xdp_md)}. */
    public static final int SIZE = 24;

    /** Bytes in front of the packet. */
    public static final int HEADROOM = 256;

    /** {@code sizeof(struct xdp_frame)}: what the kernel keeps of the headroom for itself. */
    public static final int FRAME_SIZE = 40;

    /** Most bytes of metadata. */
    public static final int MAX_META = 252;

    /** Most bytes of metadata that an input may bring: what the kernel leaves of the headroom. */
    private static final int MAX_META_IN = HEADROOM - FRAME_SIZE;

    /** {@code MAX_SKB_FRAGS}. */
    public static final int MAX_FRAGS = 17;

    private static final int DATA = 0;
    private static final int DATA_END = 4;
    private static final int DATA_META = 8;
    private static final int INGRESS_IFINDEX = 12;
    private static final int RX_QUEUE_INDEX = 16;
    private static final int EGRESS_IFINDEX = 20;
    private static final Packet.Layout LAYOUT = new Packet.Layout(DATA, DATA_END, DATA_META, -1);

    /** Where fragments lie in the packet space. */
    private static final int FRAGMENTS = 2 * PacketRules.PAGE_SIZE;

    private XdpContext() {}

    @Override
    public long enter(Run run, RunInput input) {
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + SIZE);
        memory.fill(context, SIZE, (byte) 0);
        int size = input.data() == null ? 0 : input.data().length;
        int linearMax = PacketRules.PAGE_SIZE - HEADROOM - PacketRules.TAILROOM;
        int metaSize = 0;
        int ifindex = 0;
        if (input.ctx() != null) {
            memory.write(context, PacketRules.context(input.ctx(), SIZE, "struct xdp_md"));
            metaSize = metadata(memory, context, size);
            ifindex = memory.getInt(context + INGRESS_IFINDEX);
            linearMax = Math.min(linearMax + metaSize, memory.getInt(context + DATA_END));
        }
        PacketRules.size(input.data(), Packet.ETH_HLEN, Integer.MAX_VALUE);
        if (size > linearMax + MAX_FRAGS * PacketRules.PAGE_SIZE) {
            throw BpfException.usage(
                    "data_in has "
                            + size
                            + " bytes, expected at most "
                            + (linearMax + MAX_FRAGS * PacketRules.PAGE_SIZE)
                            + " (ENOMEM)");
        }

        int linear = Math.min(size, linearMax);
        memory.write(run.packetStart() + FRAGMENTS, input.data(), linear, size - linear);
        lay(run, input.data(), size, linear, metaSize, ifindex);
        return context;
    }

    /** Whether a packet of that size is all in the page. */
    public static boolean isPlain(int size) {
        return size >= Packet.ETH_HLEN
                && size <= PacketRules.PAGE_SIZE - HEADROOM - PacketRules.TAILROOM;
    }

    /** As {@link #enter} for a {@linkplain #isPlain plain} packet without a context. */
    public static long enterPlain(Run run, byte[] data, int size) {
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + SIZE);
        for (int i = 0; i < SIZE; i += Long.BYTES) {
            memory.putLong(context + i, 0);
        }
        lay(run, data, size, size, 0, 0);
        return context;
    }

    /** Places the packet with its room. */
    private static void lay(Run run, byte[] data, int size, int linear, int metaSize, int ifindex) {
        Memory memory = run.memory();
        long start = run.packetStart();
        long meta = start + HEADROOM - metaSize;
        run.clearPacket(PacketRules.PAGE_SIZE);
        memory.write(meta, data, 0, linear);
        Packet packet = new Packet(run, LAYOUT);
        packet.place(start, start + PacketRules.PAGE_SIZE - PacketRules.TAILROOM);
        packet.setBounds(meta, meta + metaSize, meta + linear);
        packet.setFragments(start + FRAGMENTS, size - linear);
        run.setExtension(packet);
        memory.putInt(run.contextStart() + INGRESS_IFINDEX, ifindex == 0 ? 1 : ifindex);
        packet.publish();
    }

    /** Holds a context that was given to the kernel's rules; gives the size of the metadata. */
    private static int metadata(Memory memory, long context, int size) {
        int metaSize = memory.getInt(context + DATA);
        if (memory.getInt(context + DATA_META) != 0) {
            throw BpfException.usage(
                    "ctx_in sets data_meta, which must be 0: metadata starts with data_in"
                            + " (EINVAL)");
        }
        int linear = memory.getInt(context + DATA_END);
        if (linear < 0 || linear > size) {
            throw BpfException.usage(
                    "ctx_in has data_end "
                            + Integer.toUnsignedString(linear)
                            + ", expected at most "
                            + size
                            + ", the size of data_in; what is beyond becomes fragments (EINVAL)");
        }
        if (metaSize < 0
                || metaSize > linear
                || size - metaSize < Packet.ETH_HLEN
                || metaSize > MAX_META_IN
                || (metaSize & 3) != 0) {
            throw BpfException.usage(
                    "ctx_in has data "
                            + Integer.toUnsignedString(metaSize)
                            + ", expected the size of the metadata: a multiple of 4 up to "
                            + MAX_META_IN
                            + " that leaves a packet (EINVAL)");
        }
        if (memory.getInt(context + EGRESS_IFINDEX) != 0) {
            throw BpfException.usage("ctx_in sets egress_ifindex, which must be 0 (EINVAL)");
        }
        int ifindex = memory.getInt(context + INGRESS_IFINDEX);
        PacketRules.checkInterface(ifindex, "ingress_ifindex");
        if (memory.getInt(context + RX_QUEUE_INDEX) != 0) {
            throw BpfException.usage(
                    "ctx_in sets rx_queue_index, which interface 1 does not have (EINVAL)");
        }
        return metaSize;
    }

    @Override
    public String input() {
        return "data_in: a frame from 14 bytes, beyond 3520 in fragments; ctx_in: struct xdp_md"
                + " with data (size of the metadata in front of data_in), data_end,"
                + " ingress_ifindex. Both come back.";
    }

    @Override
    public int retval(Run run, RunInput input, long r0) {
        return (int) r0;
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        Packet packet = Packet.of(run);
        byte[] ctxOut = null;
        if (input.ctx() != null) {
            Memory memory = run.memory();
            long context = run.context().start();
            memory.write(context, PacketRules.context(input.ctx(), SIZE, "struct xdp_md"));
            memory.putInt(context + DATA, (int) (packet.data() - packet.meta()));
            memory.putInt(context + DATA_END, (int) (packet.end() - packet.meta()));
            ctxOut = memory.read(context, SIZE);
        }
        return new RunOutput((int) r0, r0, packet.bytes(packet.meta()), ctxOut);
    }
}

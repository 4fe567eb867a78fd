package org.trufflebpf.launcher.pcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The classic format: a header of 24 bytes, then packets, each behind a header of 16. */
final class PcapReader extends PacketReader {
    static final int MICROSECONDS = 0xa1b2c3d4;
    static final int MICROSECONDS_SWAPPED = 0xd4c3b2a1;
    static final int NANOSECONDS = 0xa1b23c4d;
    static final int NANOSECONDS_SWAPPED = 0x4d3cb2a1;

    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The upper bits of the link type tell the length of a frame check sequence. */
    private static final int LINK_TYPE_MASK = 0x03ff_ffff;

    private final long nanosPerUnit;
    private boolean pending;

    PcapReader(CaptureInput input, ByteOrder order, long nanosPerUnit) throws IOException {
        super(input);
        this.nanosPerUnit = nanosPerUnit;
        input.order(order);
        input.require(FILE_HEADER, "the file header");
        input.u32();
        int major = input.u16();
        int minor = input.u16();
        if (major != 2) {
            throw new PcapException(4, "pcap version " + major + "." + minor + ", expected 2.4");
        }
        // Time zone, accuracy and snapshot length say nothing about packets: writers set them as
        // they like.
        input.u32();
        input.u32();
        input.u32();
        linkType = (int) input.u32() & LINK_TYPE_MASK;
    }

    @Override
    public boolean next() throws IOException {
        if (pending) {
            input.skip(capturedLength, "a packet");
            pending = false;
        }
        if (input.atEnd()) {
            return false;
        }
        long offset = input.offset();
        input.require(PACKET_HEADER, "a packet header");
        long seconds = input.u32();
        long fraction = input.u32();
        long captured = input.u32();
        originalLength = input.u32();
        if (captured > MAX_PACKET) {
            throw new PcapException(
                    offset, "a packet of " + captured + " bytes, expected at most " + MAX_PACKET);
        }
        timestampNs = seconds * NANOS_PER_SECOND + fraction * nanosPerUnit;
        capturedLength = (int) captured;
        pending = true;
        return true;
    }

    @Override
    public void take(ByteBuffer target) throws IOException {
        input.require(capturedLength, "a packet");
        input.transfer(target, capturedLength);
        pending = false;
    }
}

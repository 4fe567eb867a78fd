package org.trufflebpf.launcher.pcap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the packets of a pcap or pcapng capture. {@link #next} moves on to a packet, whose fields
 * then hold until the bytes are taken with {@link #take}; a packet that is not taken is passed
 * over.
 *
 * <p>Written here because the pure-Java libraries either read one of the two formats, or a whole
 * file at once.
 */
public abstract class PacketReader {
    /** libpcap's MAXIMUM_SNAPLEN: no capture holds more of a packet. */
    public static final int MAX_PACKET = 262_144;

    private static final int GZIP_MAGIC = 0x1f8b;

    final CaptureInput input;
    int capturedLength;
    long originalLength;
    long timestampNs;
    int linkType;

    PacketReader(CaptureInput input) {
        this.input = input;
    }

    /** Opens a capture of either format, which its first four bytes tell. */
    public static PacketReader open(InputStream stream) throws IOException {
        CaptureInput input = new CaptureInput(stream);
        input.order(ByteOrder.BIG_ENDIAN);
        input.require(4, "the magic number");
        int magic = input.peek32(0);
        return switch (magic) {
            case PcapReader.MICROSECONDS -> new PcapReader(input, ByteOrder.BIG_ENDIAN, 1000);
            case PcapReader.NANOSECONDS -> new PcapReader(input, ByteOrder.BIG_ENDIAN, 1);
            case PcapReader.MICROSECONDS_SWAPPED ->
                    new PcapReader(input, ByteOrder.LITTLE_ENDIAN, 1000);
            case PcapReader.NANOSECONDS_SWAPPED ->
                    new PcapReader(input, ByteOrder.LITTLE_ENDIAN, 1);
            case PcapngReader.SECTION_HEADER -> new PcapngReader(input);
            default ->
                    throw new PcapException(
                            0,
                            magic >>> 16 == GZIP_MAGIC
                                    ? "the capture is compressed: unpack it first, gunzip -c FILE |"
                                            + " ebpf-run --pcap -"
                                    : "neither pcap nor pcapng: the magic number is 0x"
                                            + hex32(magic));
        };
    }

    /** Moves on to the next packet; false at the end of the capture. */
    public abstract boolean next() throws IOException;

    /** Bytes of the packet that the capture holds, at most {@link #MAX_PACKET}. */
    public final int capturedLength() {
        return capturedLength;
    }

    /** Bytes that the packet had on the wire. */
    public final long originalLength() {
        return originalLength;
    }

    /** When it was captured, in nanoseconds since 1970, unsigned. */
    public final long timestampNs() {
        return timestampNs;
    }

    /** The kind of the packet's first header, of the LINKTYPE_ registry; 1 is Ethernet. */
    public final int linkType() {
        return linkType;
    }

    /** Offset of the first byte that was not read yet. */
    public final long offset() {
        return input.offset();
    }

    /** Moves the packet's bytes to {@code target}, which has room for them. Once per packet. */
    public abstract void take(ByteBuffer target) throws IOException;

    static String hex32(int value) {
        return Integer.toHexString((value >>> 16) | 0x10000).substring(1)
                + Integer.toHexString((value & 0xffff) | 0x10000).substring(1);
    }
}

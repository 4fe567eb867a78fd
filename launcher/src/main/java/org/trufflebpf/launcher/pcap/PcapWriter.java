package org.trufflebpf.launcher.pcap;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes a little-endian pcap with timestamps in nanoseconds. */
public final class PcapWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final OutputStream stream;
    private final ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    private byte[] copy = new byte[2048];

    public PcapWriter(OutputStream stream, int linkType) throws IOException {
        this.stream = new BufferedOutputStream(stream, BUFFER);
        header.putInt(PcapReader.NANOSECONDS).putShort((short) 2).putShort((short) 4);
        header.putLong(0).putInt(PacketReader.MAX_PACKET).putInt(linkType);
        this.stream.write(header.array(), 0, 24);
    }

    /** Appends {@code length} bytes of {@code packets} from {@code offset}. */
    public void write(
            long timestampNs, long originalLength, ByteBuffer packets, int offset, int length)
            throws IOException {
        header.clear();
        header.putInt((int) Long.divideUnsigned(timestampNs, NANOS_PER_SECOND));
        header.putInt((int) Long.remainderUnsigned(timestampNs, NANOS_PER_SECOND));
        header.putInt(length).putInt((int) originalLength);
        stream.write(header.array(), 0, 16);
        if (copy.length < length) {
            copy = new byte[length];
        }
        packets.get(offset, copy, 0, length);
        stream.write(copy, 0, length);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}

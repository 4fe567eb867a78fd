package org.trufflebpf.launcher.pcap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a capture, read through one buffer of fixed size that keeps the offset. Its byte
 * order is the capture's, which may change in the middle of a pcapng.
 */
final class CaptureInput {
    /** Holds the largest packet with its headers. */
    private static final int CAPACITY = 1 << 20;

    private final InputStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).limit(0);
    private long start;

    CaptureInput(InputStream stream) {
        this.stream = stream;
    }

    /** Offset of the next byte from the start of the capture. */
    long offset() {
        return start + buffer.position();
    }

    void order(ByteOrder order) {
        buffer.order(order);
    }

    /** Whether the capture ends here. */
    boolean atEnd() throws IOException {
        return fill(1) == 0;
    }

    /** Refuses a capture that ends before {@code count} more bytes; {@code what} is being read. */
    void require(int count, String what) throws IOException {
        int available = fill(count);
        if (available < count) {
            throw new PcapException(
                    offset(),
                    "the capture ends inside "
                            + what
                            + ": "
                            + available
                            + " of "
                            + count
                            + " bytes are there");
        }
    }

    /** A 32-bit field as an unsigned number; it must have been required. */
    long u32() {
        return buffer.getInt() & 0xffff_ffffL;
    }

    long s64() {
        return buffer.getLong();
    }

    int u16() {
        return buffer.getShort() & 0xffff;
    }

    int u8() {
        return buffer.get() & 0xff;
    }

    /** The 32-bit field at {@code distance} from here, which stays to be read. */
    int peek32(int distance) {
        return buffer.getInt(buffer.position() + distance);
    }

    /** Moves {@code count} required bytes to {@code target}. */
    void transfer(ByteBuffer target, int count) {
        target.put(target.position(), buffer, buffer.position(), count);
        target.position(target.position() + count);
        buffer.position(buffer.position() + count);
    }

    /** Passes over {@code count} bytes without keeping them. */
    void skip(long count, String what) throws IOException {
        long left = count;
        while (left > 0) {
            if (fill(1) == 0) {
                throw new PcapException(
                        offset(),
                        "the capture ends inside "
                                + what
                                + ": "
                                + (count - left)
                                + " of "
                                + count
                                + " bytes are there");
            }
            int step = (int) Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + step);
            left -= step;
        }
    }

    /** Tries to have {@code count} bytes in the buffer; returns how many of them there are. */
    private int fill(int count) throws IOException {
        if (buffer.remaining() < count) {
            start += buffer.position();
            buffer.compact();
            while (buffer.position() < count) {
                int read = stream.read(buffer.array(), buffer.position(), buffer.remaining());
                if (read < 0) {
                    break;
                }
                buffer.position(buffer.position() + read);
            }
            buffer.flip();
        }
        return Math.min(count, buffer.remaining());
    }
}

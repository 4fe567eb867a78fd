package org.trufflebpf.launcher.pcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The newer format (draft-ietf-opsawg-pcapng): blocks, each with its type, its length before and
 * after it. Sections may change the byte order, interfaces have a link type and a unit of time
 * each; blocks without packets are passed over.
 */
final class PcapngReader extends PacketReader {
    static final int SECTION_HEADER = 0x0a0d0d0a;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int BYTE_ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;
    private static final int INTERFACE = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int OPTION_END = 0;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;

    /** Type, length, and the length again at the end. */
    private static final int BLOCK_FRAME = 12;

    private static final int MAX_INTERFACES = 65_536;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final List<Interface> interfaces = new ArrayList<>();
    private long blockOffset;
    private long blockLength;
    private boolean pending;

    /**
     * What packets of an interface have in common.
     *
     * @param unitsPerSecond of timestamps; unsigned
     * @param offsetSeconds to be added to timestamps
     */
    private record Interface(
            int linkType, long snapLength, long unitsPerSecond, long offsetSeconds) {}

    PcapngReader(CaptureInput input) {
        super(input);
    }

    @Override
    public boolean next() throws IOException {
        if (pending) {
            input.skip(capturedLength, "a packet");
            endBlock();
        }
        while (!input.atEnd()) {
            blockOffset = input.offset();
            input.require(BLOCK_FRAME, "a block");
            if (input.peek32(0) == SECTION_HEADER) {
                readSectionHeader();
                continue;
            }
            int type = (int) input.u32();
            readBlockLength();
            switch (type) {
                case INTERFACE -> readInterface();
                case ENHANCED_PACKET, OBSOLETE_PACKET -> {
                    readPacket(type == OBSOLETE_PACKET);
                    return true;
                }
                case SIMPLE_PACKET -> {
                    readSimplePacket();
                    return true;
                }
                default -> {}
            }
            endBlock();
        }
        return false;
    }

    @Override
    public void take(ByteBuffer target) throws IOException {
        input.require(capturedLength, "a packet");
        input.transfer(target, capturedLength);
        endBlock();
    }

    private void readBlockLength() throws IOException {
        blockLength = input.u32();
        if (blockLength < BLOCK_FRAME || blockLength % 4 != 0) {
            throw new PcapException(
                    blockOffset,
                    "a block of "
                            + blockLength
                            + " bytes, expected a multiple of 4 from "
                            + BLOCK_FRAME);
        }
    }

    private void readSectionHeader() throws IOException {
        // The magic number stands behind the length, whose byte order it tells.
        input.order(ByteOrder.BIG_ENDIAN);
        int magic = input.peek32(8);
        if (magic == BYTE_ORDER_MAGIC_SWAPPED) {
            input.order(ByteOrder.LITTLE_ENDIAN);
        } else if (magic != BYTE_ORDER_MAGIC) {
            throw new PcapException(
                    blockOffset + 8,
                    "byte-order magic 0x" + hex32(magic) + ", expected 0x1a2b3c4d");
        }
        input.u32();
        readBlockLength();
        body(16, "a section header");
        input.u32();
        int major = input.u16();
        int minor = input.u16();
        if (major != 1) {
            throw new PcapException(
                    blockOffset + 12, "pcapng version " + major + "." + minor + ", expected 1.0");
        }
        interfaces.clear();
        endBlock();
    }

    private void readInterface() throws IOException {
        body(8, "an interface description");
        int link = input.u16();
        input.u16();
        long snapLength = input.u32();
        long units = 1_000_000;
        long offsetSeconds = 0;
        while (left() >= 4) {
            input.require(4, "an option");
            int code = input.u16();
            int length = input.u16();
            if (code == OPTION_END) {
                break;
            }
            int padded = (length + 3) & ~3;
            if (padded > left()) {
                throw new PcapException(
                        input.offset() - 4,
                        "an option of " + length + " bytes does not fit its block");
            }
            input.require(padded, "an option");
            if (code == OPTION_TIME_RESOLUTION && length == 1) {
                units = unitsPerSecond(input.u8());
                input.skip(padded - 1, "an option");
            } else if (code == OPTION_TIME_OFFSET && length == 8) {
                offsetSeconds = input.s64();
            } else {
                input.skip(padded, "an option");
            }
        }
        if (interfaces.size() == MAX_INTERFACES) {
            throw new PcapException(
                    blockOffset, "more than " + MAX_INTERFACES + " interfaces in one section");
        }
        interfaces.add(new Interface(link, snapLength, units, offsetSeconds));
    }

    /** if_tsresol: a negative power of 10, or of 2 where the highest bit is set. */
    private long unitsPerSecond(int resolution) throws PcapException {
        int exponent = resolution & 0x7f;
        boolean binary = resolution >= 0x80;
        if (exponent > (binary ? 63 : 19)) {
            throw new PcapException(
                    input.offset() - 1,
                    "a time resolution of " + (binary ? "2" : "10") + "^-" + exponent + " seconds");
        }
        long units = 1;
        for (int i = 0; i < exponent; i++) {
            units *= binary ? 2 : 10;
        }
        return units;
    }

    private void readPacket(boolean obsolete) throws IOException {
        body(20, "a packet header");
        long id;
        if (obsolete) {
            id = input.u16();
            input.u16();
        } else {
            id = input.u32();
        }
        Interface from = byId(id);
        long high = input.u32();
        long units = high << 32 | input.u32();
        long captured = input.u32();
        originalLength = input.u32();
        startPacket(from, captured);
        long seconds = Long.divideUnsigned(units, from.unitsPerSecond);
        long fraction = Long.remainderUnsigned(units, from.unitsPerSecond);
        timestampNs =
                (seconds + from.offsetSeconds) * NANOS_PER_SECOND
                        + nanos(fraction, from.unitsPerSecond);
    }

    private void readSimplePacket() throws IOException {
        body(4, "a packet header");
        originalLength = input.u32();
        Interface from = byId(0);
        long captured = Math.min(originalLength, left());
        if (from.snapLength != 0) {
            captured = Math.min(captured, from.snapLength);
        }
        timestampNs = 0;
        startPacket(from, captured);
    }

    private static long nanos(long fraction, long unitsPerSecond) {
        if (unitsPerSecond == 1_000_000) {
            return fraction * 1000;
        }
        if (unitsPerSecond == NANOS_PER_SECOND) {
            return fraction;
        }
        // The product may have more than 64 bits.
        return (long) (unsigned(fraction) / unsigned(unitsPerSecond) * NANOS_PER_SECOND);
    }

    private static double unsigned(long value) {
        return (value >>> 1) * 2.0 + (value & 1);
    }

    private Interface byId(long id) throws PcapException {
        if (id >= interfaces.size()) {
            throw new PcapException(
                    blockOffset,
                    "a packet of interface "
                            + id
                            + ", but "
                            + interfaces.size()
                            + " are described");
        }
        return interfaces.get((int) id);
    }

    private void startPacket(Interface from, long captured) throws PcapException {
        if (captured > MAX_PACKET) {
            throw new PcapException(
                    blockOffset,
                    "a packet of " + captured + " bytes, expected at most " + MAX_PACKET);
        }
        if (captured > left()) {
            throw new PcapException(
                    blockOffset,
                    "a packet of "
                            + captured
                            + " bytes in a block that has room for "
                            + Math.max(left(), 0));
        }
        capturedLength = (int) captured;
        linkType = from.linkType;
        pending = true;
    }

    /** Refuses a block that is too short for {@code count} bytes of fields, then has them read. */
    private void body(int count, String what) throws IOException {
        if (blockLength < BLOCK_FRAME + count) {
            throw new PcapException(
                    blockOffset,
                    what
                            + " of "
                            + blockLength
                            + " bytes, expected at least "
                            + (BLOCK_FRAME + count));
        }
        input.require(count, what);
    }

    /** Bytes of the block before its closing length. */
    private long left() {
        return blockOffset + blockLength - 4 - input.offset();
    }

    private void endBlock() throws IOException {
        pending = false;
        input.skip(left(), "a block");
        input.require(4, "a block");
        long closing = input.u32();
        if (closing != blockLength) {
            throw new PcapException(
                    input.offset() - 4,
                    "a block that starts with length " + blockLength + " ends with " + closing);
        }
    }
}

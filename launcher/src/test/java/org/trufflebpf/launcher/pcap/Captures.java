package org.trufflebpf.launcher.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes captures of every form that a reader must know, field by field as the formats define them.
 */
@SuppressWarnings("ByteBufferBackingArray")
public final class Captures {
    private final ByteOrder order;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public Captures(ByteOrder order) {
        this.order = order;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private ByteBuffer fields(int size) {
        return ByteBuffer.allocate(size).order(order);
    }

    private Captures append(ByteBuffer fields) {
        bytes.writeBytes(fields.array());
        return this;
    }

    public Captures pcapHeader(int magic, int linkType) {
        return append(
                fields(24)
                        .putInt(magic)
                        .putShort((short) 2)
                        .putShort((short) 4)
                        .putLong(0)
                        .putInt(65_535)
                        .putInt(linkType));
    }

    public Captures pcapPacket(int seconds, int fraction, int originalLength, byte[] data) {
        return append(
                fields(16 + data.length)
                        .putInt(seconds)
                        .putInt(fraction)
                        .putInt(data.length)
                        .putInt(originalLength)
                        .put(data));
    }

    public Captures section() {
        return block(
                PcapngReader.SECTION_HEADER,
                fields(16).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1));
    }

    /**
     * Appends the description of an interface.
     *
     * @param options its options as they stand, padded
     */
    public Captures describeInterface(int linkType, int snapLength, byte[] options) {
        return block(
                1,
                fields(8 + options.length)
                        .putShort((short) linkType)
                        .putShort((short) 0)
                        .putInt(snapLength)
                        .put(options));
    }

    public byte[] option(int code, byte[] value) {
        return fields(4 + padded(value.length))
                .putShort((short) code)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    public Captures enhancedPacket(int interfaceId, long units, int originalLength, byte[] data) {
        return block(
                6,
                fields(20 + padded(data.length))
                        .putInt(interfaceId)
                        .putInt((int) (units >>> 32))
                        .putInt((int) units)
                        .putInt(data.length)
                        .putInt(originalLength)
                        .put(data));
    }

    public Captures simplePacket(int originalLength, byte[] data) {
        return block(3, fields(4 + padded(data.length)).putInt(originalLength).put(data));
    }

    public Captures obsoletePacket(int interfaceId, long units, byte[] data) {
        return block(
                2,
                fields(20 + padded(data.length))
                        .putShort((short) interfaceId)
                        .putShort((short) 0)
                        .putInt((int) (units >>> 32))
                        .putInt((int) units)
                        .putInt(data.length)
                        .putInt(data.length)
                        .put(data));
    }

    public Captures block(int type, ByteBuffer body) {
        int length = 12 + body.capacity();
        return append(fields(length).putInt(type).putInt(length).put(body.array()).putInt(length));
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }
}

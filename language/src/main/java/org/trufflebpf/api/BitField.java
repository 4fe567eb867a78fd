package org.trufflebpf.api;

import java.nio.ByteOrder;

/**
 * Integers of up to 64 bits at any bit of a byte array. Bit 0 of a byte is its lowest in
 * little-endian order and its highest in big-endian order, as compilers number bit-fields.
 */
final class BitField {
    private BitField() {}

    /** The bits, zero-extended. */
    static long read(byte[] bytes, long bit, int width, ByteOrder order) {
        boolean little = order == ByteOrder.LITTLE_ENDIAN;
        long value = 0;
        if ((bit | width) % 8 == 0) {
            int first = (int) (bit / 8);
            int count = width / 8;
            for (int i = 0; i < count; i++) {
                value = (value << 8) | (bytes[first + (little ? count - 1 - i : i)] & 0xff);
            }
            return value;
        }
        for (int i = 0; i < width; i++) {
            long at = bit + (little ? width - 1 - i : i);
            int shift = (int) (little ? at & 7 : 7 - (at & 7));
            value = (value << 1) | ((bytes[(int) (at >> 3)] >> shift) & 1);
        }
        return value;
    }

    /** Sets the bits to the lowest ones of a value; the others stay. */
    static void write(byte[] bytes, long bit, int width, long value, ByteOrder order) {
        boolean little = order == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < width; i++) {
            long at = bit + (little ? i : width - 1 - i);
            int mask = 1 << (int) (little ? at & 7 : 7 - (at & 7));
            int index = (int) (at >> 3);
            bytes[index] =
                    (byte) ((value >>> i & 1) != 0 ? bytes[index] | mask : bytes[index] & ~mask);
        }
    }

    static long signExtend(long value, int width) {
        return value << (64 - width) >> (64 - width);
    }
}

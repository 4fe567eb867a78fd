package org.trufflebpf.btf.value;

import java.math.BigInteger;
import java.nio.ByteOrder;

/**
 * Integers of any width at any bit of a byte array. Bit 0 of a byte is its lowest in little-endian
 * order and its highest in big-endian order, as compilers number bit-fields.
 */
public final class Bits {
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    private Bits() {}

    /** The number in {@code width} bits from {@code bitOffset} on. */
    public static BigInteger read(
            byte[] bytes, long bitOffset, int width, boolean signed, ByteOrder order) {
        if (bitOffset % 8 == 0 && (width == 8 || width == 16 || width == 32 || width == 64)) {
            return readWhole(bytes, (int) (bitOffset / 8), width, signed, order);
        }
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < width; i++) {
            long at = bitOffset + i;
            int inByte = (int) (at & 7);
            int shift = order == ByteOrder.LITTLE_ENDIAN ? inByte : 7 - inByte;
            if ((bytes[(int) (at >> 3)] >> shift & 1) != 0) {
                value = value.setBit(order == ByteOrder.LITTLE_ENDIAN ? i : width - 1 - i);
            }
        }
        return signed && value.testBit(width - 1)
                ? value.subtract(BigInteger.ONE.shiftLeft(width))
                : value;
    }

    /** The ordinary case, which needs no walk over the bits. */
    private static BigInteger readWhole(
            byte[] bytes, int offset, int width, boolean signed, ByteOrder order) {
        long value = 0;
        for (int i = 0; i < width / 8; i++) {
            int index = order == ByteOrder.LITTLE_ENDIAN ? width / 8 - 1 - i : i;
            value = (value << 8) | (bytes[offset + index] & 0xff);
        }
        if (signed) {
            return BigInteger.valueOf((value << (64 - width)) >> (64 - width));
        }
        return value >= 0 ? BigInteger.valueOf(value) : BigInteger.valueOf(value).add(TWO_TO_64);
    }

    /** Writes the low {@code width} bits of a number. */
    public static void write(
            byte[] bytes, long bitOffset, int width, BigInteger value, ByteOrder order) {
        for (int i = 0; i < width; i++) {
            long at = bitOffset + i;
            int inByte = (int) (at & 7);
            int mask = 1 << (order == ByteOrder.LITTLE_ENDIAN ? inByte : 7 - inByte);
            int index = (int) (at >> 3);
            boolean set = value.testBit(order == ByteOrder.LITTLE_ENDIAN ? i : width - 1 - i);
            bytes[index] = (byte) (set ? bytes[index] | mask : bytes[index] & ~mask);
        }
    }

    /** Whether a value can be held by so many bits. */
    public static boolean fits(BigInteger value, int width, boolean signed) {
        return signed
                ? value.bitLength() < width
                : value.signum() >= 0 && value.bitLength() <= width;
    }
}

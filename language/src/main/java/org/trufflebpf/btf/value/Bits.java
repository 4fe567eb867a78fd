package org.trufflebpf.btf.value;

import java.math.BigInteger;
import java.nio.ByteOrder;

/**
 * Integers of any width at any bit of a byte array. Bit 0 of a byte is its lowest in little-endian order and its highest
 * in big-endian order, as compilers number bit-fields.
 */
final class Bits {
    private Bits() {}

    static BigInteger read(byte[] bytes, long bitOffset, int width, boolean signed, ByteOrder order) {
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < width; i++) {
            long at = bitOffset + i;
            int inByte = (int) (at & 7);
            int shift = order == ByteOrder.LITTLE_ENDIAN ? inByte : 7 - inByte;
            if ((bytes[(int) (at >> 3)] >> shift & 1) != 0) {
                value = value.setBit(order == ByteOrder.LITTLE_ENDIAN ? i : width - 1 - i);
            }
        }
        return signed && value.testBit(width - 1) ? value.subtract(BigInteger.ONE.shiftLeft(width)) : value;
    }

    static void write(byte[] bytes, long bitOffset, int width, BigInteger value, ByteOrder order) {
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
    static boolean fits(BigInteger value, int width, boolean signed) {
        return signed ? value.bitLength() < width : value.signum() >= 0 && value.bitLength() <= width;
    }
}

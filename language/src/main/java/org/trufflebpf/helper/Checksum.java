package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;

import java.nio.ByteOrder;

/**
 * Internet checksums (RFC 1071) as the kernel computes them: 32-bit sums with end-around carry over
 * words in the byte order of the machine. Sums are ints taken as unsigned.
 */
final class Checksum {
    private Checksum() {}

    static int add(int sum, int addend) {
        int result = sum + addend;
        return Integer.compareUnsigned(result, addend) < 0 ? result + 1 : result;
    }

    static int sub(int sum, int addend) {
        return add(sum, ~addend);
    }

    /** Sums {@code size} bytes, as if zeros followed ({@code csum_partial}). */
    static int partial(Memory memory, long address, long size, int sum) {
        // the carries gather in the upper half, and go around once at the end
        long total = Integer.toUnsignedLong(sum);
        long i = 0;
        for (; i + 8 <= size; i += 8) {
            long words = memory.getLong(address + i);
            total += (words & 0xffff_ffffL) + (words >>> 32);
        }
        if (i + 4 <= size) {
            total += Integer.toUnsignedLong(memory.getInt(address + i));
            i += 4;
        }
        boolean little = memory.order() == ByteOrder.LITTLE_ENDIAN;
        for (int bits = 0; i < size; i++, bits += 8) {
            total += (memory.getByte(address + i) & 0xffL) << (little ? bits : 24 - bits);
        }
        total = (total & 0xffff_ffffL) + (total >>> 32);
        return (int) (total + (total >>> 32));
    }

    /** A sum in 16 bits. */
    static int to16(int sum) {
        int folded = (sum & 0xffff) + (sum >>> 16);
        return (folded & 0xffff) + (folded >>> 16);
    }

    /** The checksum of a sum: 16 bits, inverted. */
    static int fold(int sum) {
        return ~to16(sum) & 0xffff;
    }

    /** A checksum after what it covers changed by a sum. */
    static int replaceByDiff(int checksum, int diff) {
        return fold(add(diff, ~checksum));
    }

    static int replace4(int checksum, int from, int to) {
        return fold(add(sub(~checksum, from), to));
    }

    static int replace2(int checksum, int from, int to) {
        return ~add16(add16(~checksum & 0xffff, ~from & 0xffff), to & 0xffff) & 0xffff;
    }

    private static int add16(int sum, int addend) {
        int result = sum + addend & 0xffff;
        return result < addend ? result + 1 & 0xffff : result;
    }
}

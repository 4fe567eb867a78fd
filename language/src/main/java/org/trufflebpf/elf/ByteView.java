package org.trufflebpf.elf;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A range of a file with a byte order and a name for messages. Reads are checked against the range;
 * offsets are unsigned, so that no arithmetic on declared sizes can wrap into the range.
 */
public final class ByteView {
    private final byte[] bytes;
    private final int start;
    private final int length;
    private final ByteOrder order;
    private final Where where;
    private final ByteBuffer buffer;

    private ByteView(byte[] bytes, int start, int length, ByteOrder order, Where where) {
        this.bytes = bytes;
        this.start = start;
        this.length = length;
        this.order = order;
        this.where = where;
        this.buffer = ByteBuffer.wrap(bytes).order(order);
    }

    /** A view of a whole file; the bytes are not copied and must not change. */
    public static ByteView of(byte[] bytes, ByteOrder order, Where where) {
        return new ByteView(bytes, 0, bytes.length, order, where);
    }

    public int length() {
        return length;
    }

    public ByteOrder order() {
        return order;
    }

    public Where where() {
        return where;
    }

    /** The same bytes, read in another order. */
    public ByteView withOrder(ByteOrder newOrder) {
        return new ByteView(bytes, start, length, newOrder, where);
    }

    /** A part of this view; {@code what} names it in the message when it does not fit. */
    public ByteView slice(long offset, long size, Where newWhere, String what) {
        checkRange(offset, size, what);
        return new ByteView(bytes, start + (int) offset, (int) size, order, newWhere);
    }

    public ByteView slice(long offset, long size, String what) {
        return slice(offset, size, where, what);
    }

    public int u8(long offset) {
        return bytes[at(offset, 1)] & 0xff;
    }

    public int u16(long offset) {
        return buffer.getShort(at(offset, 2)) & 0xffff;
    }

    public int s32(long offset) {
        return buffer.getInt(at(offset, 4));
    }

    public long u32(long offset) {
        return s32(offset) & 0xffff_ffffL;
    }

    public long s64(long offset) {
        return buffer.getLong(at(offset, 8));
    }

    /** A copy of the bytes of this view. */
    public byte[] copy() {
        return Arrays.copyOfRange(bytes, start, start + length);
    }

    /** The 32-bit words of this view; a rest of less than four bytes is left out. */
    public int[] words() {
        int[] words = new int[length / 4];
        ByteBuffer.wrap(bytes, start, words.length * 4).order(order).asIntBuffer().get(words);
        return words;
    }

    /** The NUL-terminated text at {@code offset}; bytes that are not UTF-8 are replaced. */
    public String text(long offset) {
        return text(offset, length);
    }

    /** The same, refusing a text of more than {@code limit} bytes. */
    public String text(long offset, int limit) {
        int begin = at(offset, 1);
        int end = begin;
        while (end < start + length && bytes[end] != 0) {
            end++;
        }
        if (end == start + length) {
            throw malformed(
                    "text at offset "
                            + Long.toUnsignedString(offset)
                            + " has no end, expected a NUL");
        }
        if (end - begin > limit) {
            throw BpfException.limit(
                    where,
                    "text at offset "
                            + offset
                            + " has "
                            + (end - begin)
                            + " bytes, at most "
                            + limit
                            + " are read");
        }
        return new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
    }

    public BpfException malformed(String message) {
        return BpfException.malformed(where, message);
    }

    private int at(long offset, int size) {
        if (Long.compareUnsigned(offset, length) > 0 || length - offset < size) {
            throw malformed(
                    "expected "
                            + size
                            + " bytes at offset "
                            + Long.toUnsignedString(offset)
                            + ", but there are "
                            + length);
        }
        return start + (int) offset;
    }

    private void checkRange(long offset, long size, String what) {
        if (Long.compareUnsigned(offset, length) > 0
                || Long.compareUnsigned(size, length - offset) > 0) {
            throw malformed(
                    what
                            + " needs "
                            + Long.toUnsignedString(size)
                            + " bytes at offset "
                            + Long.toUnsignedString(offset)
                            + ", but there are "
                            + length);
        }
    }
}

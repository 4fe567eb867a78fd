package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bytes that left the guest, as a read-only buffer: packets, contexts, keys, values, events. */
@ExportLibrary(InteropLibrary.class)
final class BytesValue implements TruffleObject {
    private final byte[] bytes;

    BytesValue(byte[] bytes) {
        this.bytes = bytes;
    }

    static Object orNull(byte[] bytes) {
        return bytes == null ? NullValue.INSTANCE : new BytesValue(bytes);
    }

    @ExportMessage
    boolean hasBufferElements() {
        return true;
    }

    @ExportMessage
    long getBufferSize() {
        return bytes.length;
    }

    private int check(long offset, int size) throws InvalidBufferOffsetException {
        if (offset < 0 || offset > bytes.length - size) {
            throw InvalidBufferOffsetException.create(offset, size);
        }
        return (int) offset;
    }

    private ByteBuffer at(ByteOrder order) {
        return ByteBuffer.wrap(bytes).order(order);
    }

    @ExportMessage
    void readBuffer(long offset, byte[] target, int targetOffset, int length)
            throws InvalidBufferOffsetException {
        System.arraycopy(bytes, check(offset, length), target, targetOffset, length);
    }

    @ExportMessage
    byte readBufferByte(long offset) throws InvalidBufferOffsetException {
        return bytes[check(offset, 1)];
    }

    @ExportMessage
    short readBufferShort(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return at(order).getShort(check(offset, 2));
    }

    @ExportMessage
    int readBufferInt(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return at(order).getInt(check(offset, 4));
    }

    @ExportMessage
    long readBufferLong(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return at(order).getLong(check(offset, 8));
    }

    @ExportMessage
    float readBufferFloat(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return at(order).getFloat(check(offset, 4));
    }

    @ExportMessage
    double readBufferDouble(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return at(order).getDouble(check(offset, 8));
    }
}

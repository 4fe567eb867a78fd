package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.btf.value.TypedFormat;

import java.nio.ByteOrder;
import java.util.List;

/**
 * Bytes as a buffer: read-only copies of what left the guest (packets, contexts, keys, events), and
 * live memory of the guest that nobody told the type of. An array of numbers from 0 to 255, too,
 * for languages that do not know the buffers of others, such as Python.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class BytesValue extends ElementsValue {
    private static final int SHOWN = 64;
    private static final IntLayout BYTE = new IntLayout(1, false, false);

    private final Storage storage;
    private final long address;
    private final long size;

    /** A copy. */
    BytesValue(byte[] bytes) {
        this(Storage.ofCopy(bytes, ByteOrder.LITTLE_ENDIAN), 0, bytes.length);
    }

    BytesValue(Storage storage, long address, long size) {
        this.storage = storage;
        this.address = address;
        this.size = size;
    }

    static Object orNull(byte[] bytes) {
        return bytes == null ? NullValue.INSTANCE : new BytesValue(bytes);
    }

    /** The guest address of live memory, 0 for a copy. */
    long address() {
        return storage.isGuest() ? address : 0;
    }

    @Override
    Object identity() {
        return List.of(storage.identity(), address, size);
    }

    @Override
    String display() {
        String hex = TypedFormat.hex(storage.read(address, (int) Math.min(size, SHOWN)));
        return size > SHOWN ? hex + " ..." : hex;
    }

    @ExportMessage
    boolean hasBufferElements() {
        return true;
    }

    @ExportMessage
    boolean isBufferWritable() {
        return storage.isWritable();
    }

    @ExportMessage
    long getBufferSize() {
        return size;
    }

    private long at(long offset, long length) throws InvalidBufferOffsetException {
        if (length < 0 || offset < 0 || offset > size - length) {
            throw InvalidBufferOffsetException.create(offset, length);
        }
        return address + offset;
    }

    private long writableAt(long offset, int length)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        if (!storage.isWritable()) {
            throw UnsupportedMessageException.create();
        }
        return at(offset, length);
    }

    @Override
    long length() {
        return size;
    }

    @Override
    boolean isWritable() {
        return storage.isWritable();
    }

    @Override
    Object element(long index) {
        return Byte.toUnsignedInt(storage.getByte(address + index));
    }

    @Override
    void setElement(long index, Object value) {
        BYTE.write(storage, address + index, value, " byte [" + index + "]");
    }

    private boolean swapped(ByteOrder order) {
        return order != storage.order();
    }

    @ExportMessage
    @TruffleBoundary
    void readBuffer(long offset, byte[] target, int targetOffset, int length)
            throws InvalidBufferOffsetException {
        byte[] bytes = storage.read(at(offset, length), length);
        System.arraycopy(bytes, 0, target, targetOffset, length);
    }

    @ExportMessage
    byte readBufferByte(long offset) throws InvalidBufferOffsetException {
        return storage.getByte(at(offset, 1));
    }

    @ExportMessage
    short readBufferShort(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        short value = storage.getShort(at(offset, 2));
        return swapped(order) ? Short.reverseBytes(value) : value;
    }

    @ExportMessage
    int readBufferInt(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        int value = storage.getInt(at(offset, 4));
        return swapped(order) ? Integer.reverseBytes(value) : value;
    }

    @ExportMessage
    long readBufferLong(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        long value = storage.getLong(at(offset, 8));
        return swapped(order) ? Long.reverseBytes(value) : value;
    }

    @ExportMessage
    float readBufferFloat(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return Float.intBitsToFloat(readBufferInt(order, offset));
    }

    @ExportMessage
    double readBufferDouble(ByteOrder order, long offset) throws InvalidBufferOffsetException {
        return Double.longBitsToDouble(readBufferLong(order, offset));
    }

    @ExportMessage
    void writeBufferByte(long offset, byte value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        storage.putByte(writableAt(offset, 1), value);
    }

    @ExportMessage
    void writeBufferShort(ByteOrder order, long offset, short value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        storage.putShort(writableAt(offset, 2), swapped(order) ? Short.reverseBytes(value) : value);
    }

    @ExportMessage
    void writeBufferInt(ByteOrder order, long offset, int value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        storage.putInt(writableAt(offset, 4), swapped(order) ? Integer.reverseBytes(value) : value);
    }

    @ExportMessage
    void writeBufferLong(ByteOrder order, long offset, long value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        storage.putLong(writableAt(offset, 8), swapped(order) ? Long.reverseBytes(value) : value);
    }

    @ExportMessage
    void writeBufferFloat(ByteOrder order, long offset, float value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        writeBufferInt(order, offset, Float.floatToRawIntBits(value));
    }

    @ExportMessage
    void writeBufferDouble(ByteOrder order, long offset, double value)
            throws InvalidBufferOffsetException, UnsupportedMessageException {
        writeBufferLong(order, offset, Double.doubleToRawLongBits(value));
    }
}

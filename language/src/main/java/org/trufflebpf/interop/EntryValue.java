package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.nio.ByteBuffer;
import java.util.List;

/** An entry that an iterator over a hash gives: an array of key and value, the value writable. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class EntryValue extends EbpfValue {
    private final MapValue map;
    private final byte[] key;
    private volatile Object value;

    EntryValue(MapValue map, byte[] key, Object value) {
        this.map = map;
        this.key = key;
        this.value = value;
    }

    @Override
    Object identity() {
        return List.of(map.identity(), ByteBuffer.wrap(key));
    }

    @Override
    String display() {
        return "[" + Layout.show(map.keys.decode(key)) + ", " + Layout.show(value) + "]";
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return 2;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index == 0 || index == 1;
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return index == 0 ? map.keys.decode(key) : value;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementModifiable(long index) {
        return index == 1 && map.isWritable();
    }

    @ExportMessage
    boolean isArrayElementInsertable(@SuppressWarnings("unused") long index) {
        return false;
    }

    @ExportMessage
    @TruffleBoundary
    void writeArrayElement(long index, Object newValue)
            throws InvalidArrayIndexException, UnsupportedTypeException {
        if (index != 1) {
            throw InvalidArrayIndexException.create(index);
        }
        try {
            map.put(key, newValue, 0);
            Object written = map.get(key);
            value = NullValue.orNull(written);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.object.MapSpec;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A map whose keys are the numbers from 0 on: an array. Elements are live; those of prog arrays are
 * programs and those of maps of maps are maps, null where there is none.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class ArrayMapValue extends MapValue {
    ArrayMapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        super(opened, spec, source, keys);
    }

    private byte[] key(long index) {
        return ByteBuffer.allocate(4)
                .order(opened.object().spec().order())
                .putInt((int) index)
                .array();
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return Integer.toUnsignedLong(spec.maxEntries());
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < getArraySize();
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        try {
            return NullValue.orNull(get(key(index)));
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementModifiable(long index) {
        return isArrayElementReadable(index) && isWritable();
    }

    @ExportMessage
    boolean isArrayElementInsertable(@SuppressWarnings("unused") long index) {
        return false;
    }

    @ExportMessage
    @TruffleBoundary
    void writeArrayElement(long index, Object value)
            throws InvalidArrayIndexException, UnsupportedTypeException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        try {
            if (Arguments.isNull(value)) {
                remove(key(index));
            } else {
                put(key(index), value, 0);
            }
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}

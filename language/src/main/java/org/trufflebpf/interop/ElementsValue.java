package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

/** Memory as an array of a fixed length, whose elements are read and written where they stand. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
abstract class ElementsValue extends EbpfValue {
    /** The number of elements. */
    abstract long length();

    abstract boolean isWritable();

    abstract Object element(long index);

    /**
     * Writes an element.
     *
     * @throws BpfException for a value that does not fit
     */
    abstract void setElement(long index, Object value);

    @ExportMessage
    final boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    final long getArraySize() {
        return length();
    }

    @ExportMessage
    final boolean isArrayElementReadable(long index) {
        return index >= 0 && index < length();
    }

    @ExportMessage
    final Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return element(index);
    }

    @ExportMessage
    final boolean isArrayElementModifiable(long index) {
        return isWritable() && isArrayElementReadable(index);
    }

    @ExportMessage
    final boolean isArrayElementInsertable(@SuppressWarnings("unused") long index) {
        return false;
    }

    @ExportMessage
    @TruffleBoundary
    final void writeArrayElement(long index, Object value) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        try {
            setElement(index, value);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}

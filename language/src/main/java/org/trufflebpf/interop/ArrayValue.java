package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.util.List;
import java.util.StringJoiner;

/** An array where it stands: reading and writing an element reads and writes the memory. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class ArrayValue extends EbpfValue {
    private static final int SHOWN = 32;

    private final ArrayLayout layout;
    private final Storage storage;
    private final long address;

    ArrayValue(ArrayLayout layout, Storage storage, long address) {
        this.layout = layout;
        this.storage = storage;
        this.address = address;
    }

    @Override
    Object identity() {
        return List.of(layout, storage.identity(), address);
    }

    @Override
    String display() {
        StringJoiner text = new StringJoiner(", ", "[", "]");
        for (long i = 0; i < Math.min(SHOWN, layout.count); i++) {
            text.add(Layout.show(layout.element.read(storage, at(i))));
        }
        return (layout.count > SHOWN ? text.add("...") : text).toString();
    }

    private long at(long index) {
        return address + index * layout.element.size;
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return layout.count;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < layout.count;
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return layout.element.read(storage, at(index));
    }

    @ExportMessage
    boolean isArrayElementModifiable(long index) {
        return storage.isWritable() && isArrayElementReadable(index);
    }

    @ExportMessage
    boolean isArrayElementInsertable(@SuppressWarnings("unused") long index) {
        return false;
    }

    @ExportMessage
    @TruffleBoundary
    void writeArrayElement(long index, Object value) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        try {
            layout.element.write(storage, at(index), value, " element [" + index + "]");
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}

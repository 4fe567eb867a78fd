package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The values that a key of a per-CPU map has on the CPUs: an array by number of the CPU, live. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class PerCpuValue extends EbpfValue {
    private final Layout layout;
    private final Storage storage;
    private final long[] addresses;

    PerCpuValue(Layout layout, Storage storage, long[] addresses) {
        this.layout = layout;
        this.storage = storage;
        this.addresses = addresses;
    }

    @Override
    Object identity() {
        return List.of(layout, storage.identity(), addresses[0]);
    }

    @Override
    String display() {
        return Arrays.stream(addresses)
                .mapToObj(address -> Layout.show(layout.read(storage, address)))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return addresses.length;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < addresses.length;
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return layout.read(storage, addresses[(int) index]);
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
            layout.write(storage, addresses[(int) index], value, " of CPU " + index);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}

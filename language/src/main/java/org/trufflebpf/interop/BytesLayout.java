package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.failure.BpfException;

/** Bytes whose type nobody told: buffers. */
final class BytesLayout extends Layout {
    BytesLayout(long size) {
        super(size);
    }

    @Override
    String name() {
        return size + " bytes";
    }

    @Override
    @TruffleBoundary
    Object read(Storage storage, long address) {
        return new BytesValue(storage, address, size);
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        byte[] bytes = Arguments.bytes(value, "the" + what);
        if (bytes == null || bytes.length != size) {
            throw BpfException.usage(
                    (bytes == null ? "null" : bytes.length + " bytes")
                            + " where "
                            + size
                            + " bytes are expected:"
                            + what);
        }
        System.arraycopy(bytes, 0, target, offset, bytes.length);
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;

/**
 * Views of buffers as JavaScript has them, typed arrays and {@code DataView}: the bytes of the
 * member {@code buffer} from {@code byteOffset}, {@code byteLength} of them.
 */
final class ViewBytes {
    static final String BUFFER = "buffer";
    static final String BYTE_OFFSET = "byteOffset";
    static final String BYTE_LENGTH = "byteLength";

    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private ViewBytes() {}

    /** The size of a view in bytes, or -1 for what is none. */
    static long size(Object value) {
        try {
            return INTEROP.isMemberReadable(value, BYTE_LENGTH)
                            && INTEROP.isMemberReadable(value, BYTE_OFFSET)
                            && INTEROP.isMemberReadable(value, BUFFER)
                            && INTEROP.hasBufferElements(INTEROP.readMember(value, BUFFER))
                    ? INTEROP.asLong(INTEROP.readMember(value, BYTE_LENGTH))
                    : -1;
        } catch (InteropException e) {
            return -1;
        }
    }

    /** The bytes of a view of that size. */
    static byte[] read(Object view, int size) throws InteropException {
        byte[] bytes = new byte[size];
        INTEROP.readBuffer(
                INTEROP.readMember(view, BUFFER),
                INTEROP.asLong(INTEROP.readMember(view, BYTE_OFFSET)),
                bytes,
                0,
                size);
        return bytes;
    }
}

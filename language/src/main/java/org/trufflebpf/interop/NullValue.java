package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/** The absence of a value. */
@ExportLibrary(InteropLibrary.class)
final class NullValue extends EbpfValue {
    static final NullValue INSTANCE = new NullValue();

    private NullValue() {}

    static Object orNull(Object value) {
        return value == null ? INSTANCE : value;
    }

    @Override
    String display() {
        return "null";
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isNull() {
        return true;
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Fallback;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.utilities.TriState;

/**
 * A pointer of the guest, or another thing that other languages may pass on and not look into, such
 * as a spin lock. Two pointers to one address are identical.
 */
@ExportLibrary(InteropLibrary.class)
final class PointerValue extends EbpfValue {
    private final String type;
    private final long address;

    /**
     * Makes a pointer.
     *
     * @param type what it points to, for people
     */
    PointerValue(String type, long address) {
        this.type = type;
        this.address = address;
    }

    /** NULL becomes the null value. */
    static Object of(String type, long address) {
        return address == 0 ? NullValue.INSTANCE : new PointerValue(type, address);
    }

    long address() {
        return address;
    }

    @Override
    String display() {
        return "(" + type + ") 0x" + Long.toHexString(address);
    }

    @ExportMessage
    static class IsIdenticalOrUndefined {
        @Specialization
        static TriState pointer(PointerValue first, PointerValue second) {
            return TriState.valueOf(first.address == second.address);
        }

        @Fallback
        static TriState other(
                @SuppressWarnings("unused") PointerValue first,
                @SuppressWarnings("unused") Object second) {
            return TriState.UNDEFINED;
        }
    }

    @ExportMessage
    @TruffleBoundary
    int identityHashCode() {
        return Long.hashCode(address);
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.value.Bits;

import java.math.BigInteger;

/**
 * Pointers, and other things of the kernel whose contents are nobody's business: spin locks,
 * timers. What was read may be written back; nothing else but null may.
 */
final class PointerLayout extends Layout {
    private final String type;
    private final boolean isPointer;

    private PointerLayout(String type, long size, boolean isPointer) {
        super(size);
        this.type = type;
        this.isPointer = isPointer;
    }

    static PointerLayout pointer(String target) {
        return new PointerLayout(target + " *", 8, true);
    }

    /** A field that the kernel keeps to itself. */
    static PointerLayout special(String type, long size) {
        return new PointerLayout(type, size, false);
    }

    @Override
    String name() {
        return isPointer ? "pointer (" + type + ")" : type;
    }

    @Override
    Object read(Storage storage, long address) {
        return isPointer ? pointer(storage.getLong(address)) : special(address);
    }

    @TruffleBoundary
    private Object pointer(long target) {
        return PointerValue.of(type, target);
    }

    @TruffleBoundary
    private Object special(long address) {
        return new PointerValue(type, address);
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        if (INTEROP.isNull(value)) {
            return;
        }
        if (!isPointer || !(value instanceof PointerValue pointer)) {
            throw unfit(value, what);
        }
        Bits.write(target, 8L * offset, 64, unsigned(pointer.address()), order.order());
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }
}

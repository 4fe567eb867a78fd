package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.failure.BpfException;

import java.math.BigInteger;

/**
 * What a bound function gives back, as r0.
 *
 * @param type the integer type that its declaration tells, {@code null} for 64 bits
 * @param isVoid there is none: r0 is 0
 */
record FunctionResult(IntLayout type, boolean isVoid) {
    /** 64 bits. */
    static final FunctionResult NUMBER = new FunctionResult(null, false);

    /** No result. */
    static final FunctionResult NOTHING = new FunctionResult(null, true);

    /** Whether a number may be r0 as it is. */
    boolean takes(long number) {
        return type == null || type.takes(number);
    }

    /**
     * r0 of a value that is no plain number: a big one, a boolean, null, a pointer or live memory
     * of the program.
     *
     * @throws BpfException TRAP for everything else
     */
    @TruffleBoundary
    long convert(String function, Object value) {
        try {
            return switch (value) {
                case PointerValue pointer -> pointer.address();
                case BytesValue bytes when bytes.address() != 0 -> bytes.address();
                case StructValue struct when struct.storage.isGuest() -> struct.address;
                default -> number(value);
            };
        } catch (InteropException | BpfException e) {
            String message =
                    e instanceof BpfException
                            ? e.getMessage()
                            : Layout.show(value) + " is no 64-bit number";
            throw BpfException.trap(function + ": the bound function's result: " + message);
        }
    }

    private long number(Object value) throws InteropException {
        if (Layout.INTEROP.isNull(value)) {
            return 0;
        }
        if (Layout.INTEROP.isBoolean(value)) {
            return Layout.INTEROP.asBoolean(value) ? 1 : 0;
        }
        if (type != null) {
            return type.number(value, "").longValue();
        }
        BigInteger number = IntLayout.integer(value);
        if (number.bitLength() > (number.signum() < 0 ? 63 : 64)) {
            throw BpfException.usage("value " + number + " does not fit 64 bits");
        }
        return number.longValue();
    }
}

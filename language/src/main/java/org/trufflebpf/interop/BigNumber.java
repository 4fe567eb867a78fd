package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import java.math.BigDecimal;
import java.math.BigInteger;

/** An integer that no {@code long} holds: unsigned 64 bits from 2^63 on, and wider ones. */
@ExportLibrary(InteropLibrary.class)
// messages that never apply to so large a number
@SuppressWarnings({"static-method", "DoNotCallSuggester"})
final class BigNumber extends EbpfValue {
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    private final BigInteger value;

    private BigNumber(BigInteger value) {
        this.value = value;
    }

    /** The interop value of unsigned 64 bits. */
    static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : big(bits);
    }

    @TruffleBoundary
    private static Object big(long bits) {
        return new BigNumber(BigInteger.valueOf(bits).add(TWO_TO_64));
    }

    /** The interop value of an integer. */
    static Object of(BigInteger value) {
        return value.bitLength() < 64 ? (Object) value.longValue() : new BigNumber(value);
    }

    @Override
    Object identity() {
        return value;
    }

    @Override
    String display() {
        return value.toString();
    }

    @ExportMessage
    boolean isNumber() {
        return true;
    }

    @ExportMessage
    boolean fitsInByte() {
        return false;
    }

    @ExportMessage
    boolean fitsInShort() {
        return false;
    }

    @ExportMessage
    boolean fitsInInt() {
        return false;
    }

    @ExportMessage
    boolean fitsInLong() {
        return false;
    }

    @ExportMessage
    boolean fitsInBigInteger() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    boolean fitsInFloat() {
        float number = value.floatValue();
        return !Float.isInfinite(number)
                && new BigDecimal(number).compareTo(new BigDecimal(value)) == 0;
    }

    @ExportMessage
    @TruffleBoundary
    boolean fitsInDouble() {
        double number = value.doubleValue();
        return !Double.isInfinite(number)
                && new BigDecimal(number).compareTo(new BigDecimal(value)) == 0;
    }

    @ExportMessage
    byte asByte() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    short asShort() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    int asInt() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    long asLong() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    BigInteger asBigInteger() {
        return value;
    }

    @ExportMessage
    @TruffleBoundary
    float asFloat() throws UnsupportedMessageException {
        if (!fitsInFloat()) {
            throw UnsupportedMessageException.create();
        }
        return value.floatValue();
    }

    @ExportMessage
    @TruffleBoundary
    double asDouble() throws UnsupportedMessageException {
        if (!fitsInDouble()) {
            throw UnsupportedMessageException.create();
        }
        return value.doubleValue();
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;

import org.trufflebpf.failure.BpfException;

/**
 * How the values of one BTF type lie in memory, and what they are for other languages. Immutable.
 *
 * <p>Reading gives a primitive, or for what has parts a live view. Encoding turns a value of any
 * language into bytes and refuses whatever does not fit: nothing is written to memory before all of
 * it is known to fit.
 */
abstract class Layout {
    static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** Bytes of one value. */
    final long size;

    Layout(long size) {
        this.size = size;
    }

    /** The type's name for messages, such as {@code u8} or {@code struct flow}. */
    abstract String name();

    /** The value at an address. */
    abstract Object read(Storage storage, long address);

    /**
     * Encodes a value.
     *
     * @param target filled with zeros there
     * @param what the value's role for messages, such as {@code " field `proto`"}
     * @throws BpfException USAGE if it does not fit
     */
    abstract void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException;

    /** The bytes of a value of this type. */
    final byte[] bytes(Object value, Storage order, String what) {
        if (size > Integer.MAX_VALUE) {
            throw BpfException.usage("a " + name() + what + " is too large to be written at once");
        }
        byte[] raw = raw(value);
        if (raw != null) {
            return raw;
        }
        byte[] target = new byte[(int) size];
        try {
            encode(value, target, 0, order, what);
        } catch (InteropException e) {
            throw unfit(value, what);
        }
        return target;
    }

    /** Encodes, where raw bytes of the right number are taken as they are. */
    final void encodePart(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        byte[] raw = raw(value);
        if (raw != null) {
            System.arraycopy(raw, 0, target, offset, raw.length);
        } else {
            encode(value, target, offset, order, what);
        }
    }

    /** Whether an array of numbers is one of bytes here. */
    boolean takesArrayOfBytes() {
        return true;
    }

    /** A buffer or array of exactly the right number of bytes is the value, whatever its type. */
    private byte[] raw(Object value) {
        try {
            boolean isBuffer =
                    INTEROP.hasBufferElements(value) && INTEROP.getBufferSize(value) == size;
            boolean isArray =
                    takesArrayOfBytes()
                            && INTEROP.hasArrayElements(value)
                            && INTEROP.getArraySize(value) == size;
            if (!isBuffer && !isArray) {
                return null;
            }
            byte[] bytes = Arguments.bytes(value, "the value");
            // an array of the host may have another size each time it is asked
            return bytes != null && bytes.length == size ? bytes : null;
        } catch (InteropException e) {
            return null;
        }
    }

    /** Writes a value, all of it or nothing. */
    void write(Storage storage, long address, Object value, String what) {
        byte[] bytes = bytes(value, storage, what);
        storage.checkWritable(what);
        storage.write(address, bytes);
    }

    /** The error for a value of the wrong kind. */
    final BpfException unfit(Object value, String what) {
        return BpfException.usage(show(value) + " is no value for " + name() + what);
    }

    /** The error for a number out of range. */
    final BpfException outOfRange(Object value, String what) {
        return BpfException.usage("value " + show(value) + " does not fit " + name() + what);
    }

    static String show(Object value) {
        try {
            if (INTEROP.fitsInBigInteger(value)) {
                return INTEROP.asBigInteger(value).toString();
            }
            String text = INTEROP.asString(INTEROP.toDisplayString(value, false));
            return text.length() > 60 ? text.substring(0, 57) + "..." : text;
        } catch (InteropException e) {
            return "the value";
        }
    }
}

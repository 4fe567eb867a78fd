package org.trufflebpf.interop;

import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;

import org.trufflebpf.EbpfContext;
import org.trufflebpf.failure.BpfException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what other languages pass in; a wrong kind of value is a usage error that says what was
 * expected.
 */
final class Arguments {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private Arguments() {}

    static String text(Object[] arguments, int index) throws UnsupportedTypeException {
        try {
            return INTEROP.asString(arguments[index]);
        } catch (UnsupportedMessageException e) {
            throw UnsupportedTypeException.create(
                    arguments, "argument " + (index + 1) + " has to be a string");
        }
    }

    static boolean isText(Object value) {
        return INTEROP.isString(value);
    }

    static long number(Object[] arguments, int index) throws UnsupportedTypeException {
        try {
            return number64(arguments[index]);
        } catch (UnsupportedMessageException e) {
            throw UnsupportedTypeException.create(
                    arguments, "argument " + (index + 1) + " has to be a 64-bit number");
        }
    }

    static boolean flag(Object[] arguments, int index) throws UnsupportedTypeException {
        try {
            return INTEROP.asBoolean(arguments[index]);
        } catch (UnsupportedMessageException e) {
            throw UnsupportedTypeException.create(
                    arguments, "argument " + (index + 1) + " has to be a boolean");
        }
    }

    static boolean isNull(Object value) {
        return value == null || INTEROP.isNull(value);
    }

    /** A member of an object, or {@code null} where it is missing or null. */
    static Object member(Object object, String name) {
        if (!INTEROP.isMemberReadable(object, name)) {
            return null;
        }
        try {
            Object value = INTEROP.readMember(object, name);
            return isNull(value) ? null : value;
        } catch (UnsupportedMessageException | UnknownIdentifierException e) {
            return null;
        }
    }

    static int number(Object object, String name, int otherwise) {
        Object value = member(object, name);
        if (value == null) {
            return otherwise;
        }
        try {
            return INTEROP.asInt(value);
        } catch (UnsupportedMessageException e) {
            throw BpfException.usage(name + " has to be a 32-bit number");
        }
    }

    static boolean flag(Object object, String name, boolean otherwise) {
        Object value = member(object, name);
        if (value == null) {
            return otherwise;
        }
        try {
            return INTEROP.asBoolean(value);
        } catch (UnsupportedMessageException e) {
            throw BpfException.usage(name + " has to be a boolean");
        }
    }

    /**
     * The bytes of a buffer or of an array of numbers from 0 to 255 (or -128 to 127), {@code null}
     * for null.
     */
    static byte[] bytes(Object value, String name) {
        if (isNull(value)) {
            return null;
        }
        try {
            if (INTEROP.hasBufferElements(value)) {
                byte[] bytes = new byte[size(INTEROP.getBufferSize(value), name)];
                INTEROP.readBuffer(value, 0, bytes, 0, bytes.length);
                return bytes;
            }
            long view = ViewBytes.size(value);
            if (view >= 0) {
                return ViewBytes.read(value, size(view, name));
            }
            MemorySegment segment = segment(value);
            if (segment != null) {
                byte[] bytes = new byte[size(segment.byteSize(), name)];
                MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
                return bytes;
            }
            if (INTEROP.hasArrayElements(value)) {
                byte[] bytes = new byte[size(INTEROP.getArraySize(value), name)];
                for (int i = 0; i < bytes.length; i++) {
                    int element = INTEROP.asInt(INTEROP.readArrayElement(value, i));
                    if (element < Byte.MIN_VALUE || element > 255) {
                        throw BpfException.usage(
                                name + "[" + i + "] is " + element + ", which is not a byte");
                    }
                    bytes[i] = (byte) element;
                }
                return bytes;
            }
        } catch (InteropException e) {
            throw BpfException.usage(name + " has to be a buffer or an array of bytes");
        }
        throw BpfException.usage(
                name
                        + " has to be a buffer or an array of bytes (those of the host only where"
                        + " HostAccess allows buffer or array access)");
    }

    /** The host's memory segment that a value is, or {@code null}. */
    private static MemorySegment segment(Object value) {
        Env env = EbpfContext.get(null).env();
        return env.isHostObject(value) && env.asHostObject(value) instanceof MemorySegment segment
                ? segment
                : null;
    }

    private static int size(long size, String name) {
        if (size > Integer.MAX_VALUE - 8) {
            throw BpfException.usage(name + " has " + size + " bytes, more than can be held");
        }
        return (int) size;
    }

    /** The members of an object, numbers and texts, as texts; none for null. */
    static Map<String, String> texts(Object object, String name) {
        Map<String, String> texts = new HashMap<>();
        if (isNull(object)) {
            return texts;
        }
        try {
            Object members = INTEROP.getMembers(object);
            for (long i = 0; i < INTEROP.getArraySize(members); i++) {
                String member = INTEROP.asString(INTEROP.readArrayElement(members, i));
                Object value = INTEROP.readMember(object, member);
                texts.put(
                        member,
                        INTEROP.isString(value)
                                ? INTEROP.asString(value)
                                : Long.toString(INTEROP.asLong(value)));
            }
            return texts;
        } catch (InteropException e) {
            throw BpfException.usage(name + " has to be an object with texts or numbers");
        }
    }

    /** An array of 64-bit numbers, {@code null} for null. */
    static long[] longs(Object value, String name) {
        if (isNull(value)) {
            return null;
        }
        try {
            long[] numbers = new long[size(INTEROP.getArraySize(value), name)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = number64(INTEROP.readArrayElement(value, i));
            }
            return numbers;
        } catch (InteropException e) {
            throw BpfException.usage(name + " has to be an array of 64-bit numbers");
        }
    }

    /** Signed or unsigned 64 bits. */
    private static long number64(Object value) throws UnsupportedMessageException {
        if (INTEROP.fitsInLong(value)) {
            return INTEROP.asLong(value);
        }
        BigInteger number = INTEROP.asBigInteger(value);
        if (number.signum() < 0 || number.bitLength() > 64) {
            throw UnsupportedMessageException.create();
        }
        return number.longValue();
    }
}

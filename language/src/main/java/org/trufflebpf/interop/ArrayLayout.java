package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.failure.BpfException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Arrays. An array of {@code char} is a text: up to its first NUL, in UTF-8 if it is that, else one
 * character for a byte.
 */
final class ArrayLayout extends Layout {
    final Layout element;
    final long count;
    private final boolean isText;

    ArrayLayout(Layout element, long count, boolean isText) {
        super(Math.multiplyExact(element.size, count));
        this.element = element;
        this.count = count;
        this.isText = isText;
    }

    @Override
    String name() {
        return (isText ? "char" : element.name()) + "[" + count + "]";
    }

    @Override
    boolean takesArrayOfBytes() {
        return false;
    }

    @Override
    Object read(Storage storage, long address) {
        return isText ? text(storage, address) : view(storage, address);
    }

    @TruffleBoundary
    private Object view(Storage storage, long address) {
        return new ArrayValue(this, storage, address);
    }

    @TruffleBoundary
    private String text(Storage storage, long address) {
        byte[] bytes = storage.read(address, Math.toIntExact(size));
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        if (isText && INTEROP.isString(value)) {
            String text = INTEROP.asString(value);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > size) {
                throw BpfException.usage(
                        "\""
                                + show(value)
                                + "\" has "
                                + bytes.length
                                + " bytes and does not fit "
                                + name()
                                + what);
            }
            System.arraycopy(bytes, 0, target, offset, bytes.length);
            return;
        }
        long length = INTEROP.getArraySize(value);
        if (length > count) {
            throw BpfException.usage(
                    "an array of " + length + " elements does not fit " + name() + what);
        }
        for (long i = 0; i < length; i++) {
            element.encodePart(
                    INTEROP.readArrayElement(value, i),
                    target,
                    (int) (offset + i * element.size),
                    order,
                    " element [" + i + "] of" + what);
        }
    }
}

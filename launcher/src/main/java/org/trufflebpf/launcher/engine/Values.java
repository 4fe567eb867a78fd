package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;

import java.util.ArrayList;
import java.util.List;

/** Reads members of polyglot values. A member that is missing reads as one that is null. */
final class Values {
    private static final byte[] NO_BYTES = {};

    static Value member(Value object, String name) {
        Value value = object.getMember(name);
        return value == null || value.isNull() ? null : value;
    }

    static String text(Value object, String name) {
        Value value = member(object, name);
        return value == null ? null : value.isString() ? value.asString() : value.toString();
    }

    static long number(Value object, String name, long otherwise) {
        Value value = member(object, name);
        return value != null && value.fitsInLong() ? value.asLong() : otherwise;
    }

    static double real(Value object, String name) {
        Value value = member(object, name);
        return value != null && value.fitsInDouble() ? value.asDouble() : 0;
    }

    static boolean flag(Value object, String name) {
        Value value = member(object, name);
        return value != null && value.isBoolean() && value.asBoolean();
    }

    /** The bytes of a buffer member, or {@code null}. */
    static byte[] bytes(Value object, String name) {
        Value value = member(object, name);
        return value == null ? null : bytes(value);
    }

    static byte[] bytes(Value buffer) {
        int size = Math.toIntExact(buffer.getBufferSize());
        if (size == 0) {
            return NO_BYTES;
        }
        byte[] bytes = new byte[size];
        buffer.readBuffer(0, bytes, 0, size);
        return bytes;
    }

    static List<String> texts(Value object, String name) {
        Value array = member(object, name);
        if (array == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < array.getArraySize(); i++) {
            texts.add(array.getArrayElement(i).asString());
        }
        return texts;
    }

    private Values() {}
}

package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    static List<Long> numbers(Value object, String name) {
        Value array = member(object, name);
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; array != null && i < array.getArraySize(); i++) {
            numbers.add(array.getArrayElement(i).asLong());
        }
        return numbers;
    }

    /** A value with its parts: maps, lists, numbers, truth values, and texts for all else. */
    static Object tree(Value value) {
        if (value == null || value.isNull()) {
            return null;
        }
        if (value.isNumber()) {
            return value.fitsInLong() ? (Object) value.asLong() : value.asBigInteger();
        }
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        if (value.hasArrayElements()) {
            List<Object> list = new ArrayList<>();
            for (long i = 0; i < value.getArraySize(); i++) {
                list.add(tree(value.getArrayElement(i)));
            }
            return list;
        }
        if (value.hasMembers() && !value.isString() && !value.canExecute()) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (String name : value.getMemberKeys()) {
                map.put(name, tree(value.getMember(name)));
            }
            return map;
        }
        return value.isString() ? value.asString() : value.toString();
    }

    private Values() {}
}

package org.trufflebpf.world;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.world.JsonValue.JsonArray;
import org.trufflebpf.world.JsonValue.JsonObject;
import org.trufflebpf.world.JsonValue.JsonScalar;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The members of one JSON object, taken out by name and type; {@link #done} refuses those that
 * nobody asked for.
 */
final class JsonFields {
    private static final BigInteger MAX_U64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private final JsonObject object;
    private final Set<String> known = new TreeSet<>();

    JsonFields(JsonValue value, String what) {
        if (!(value instanceof JsonObject given)) {
            throw wrong(value, what + ": an object {...}");
        }
        this.object = given;
    }

    static BpfException wrong(JsonValue value, String expected) {
        return BpfException.usage(
                value.place() + ": expected " + expected + ", found " + value.shown());
    }

    private JsonValue get(String name) {
        known.add(name);
        JsonValue value = object.members().get(name);
        return value instanceof JsonScalar scalar && scalar.value() == null ? null : value;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    /** A place for messages about the object as a whole. */
    JsonObject object() {
        return object;
    }

    String text(String name, String otherwise) {
        JsonValue value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof JsonScalar scalar && scalar.value() instanceof String text) {
            return text;
        }
        throw wrong(value, "a string");
    }

    /** A text that has to be there. */
    String text(String name) {
        String text = text(name, null);
        if (text == null) {
            throw BpfException.usage(object.place() + ": '" + name + "' is missing");
        }
        return text;
    }

    boolean flag(String name, boolean otherwise) {
        JsonValue value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof JsonScalar scalar && scalar.value() instanceof Boolean flag) {
            return flag;
        }
        throw wrong(value, "true or false");
    }

    /** A whole number between bounds, in decimal or as a string with 0x. */
    long number(String name, long min, long max, long otherwise) {
        JsonValue value = get(name);
        return value == null ? otherwise : number(value, min, max);
    }

    /** A whole number that has to be there. */
    long number(String name, long min, long max) {
        if (!has(name)) {
            throw BpfException.usage(object.place() + ": '" + name + "' is missing");
        }
        return number(name, min, max, 0);
    }

    static long number(JsonValue value, long min, long max) {
        BigInteger number = integer(value);
        if (number == null
                || number.compareTo(BigInteger.valueOf(min)) < 0
                || number.compareTo(BigInteger.valueOf(max)) > 0) {
            throw wrong(value, "a whole number from " + min + " to " + max);
        }
        return number.longValue();
    }

    /** Any 64-bit number, signed or unsigned. */
    static long bits(JsonValue value) {
        BigInteger number = integer(value);
        if (number == null || number.compareTo(MAX_U64) > 0 || number.bitLength() > 64) {
            throw wrong(value, "a 64-bit number");
        }
        return number.longValue();
    }

    long bits(String name, long otherwise) {
        JsonValue value = get(name);
        return value == null ? otherwise : bits(value);
    }

    /** The number of a scalar, also one written as text with 0x; {@code null} if it is none. */
    static BigInteger integer(JsonValue value) {
        if (!(value instanceof JsonScalar scalar)) {
            return null;
        }
        if (scalar.value() instanceof BigInteger number) {
            return number;
        }
        if (scalar.value() instanceof String text && text.startsWith("0x")) {
            try {
                return new BigInteger(text.substring(2).replace("_", ""), 16);
            } catch (NumberFormatException e) {
                return null;
            }
        }
        return null;
    }

    /** An object as it stands, or {@code null}. */
    JsonObject nested(String name) {
        JsonValue value = get(name);
        if (value == null) {
            return null;
        }
        return new JsonFields(value, name).object;
    }

    /** The elements of an array, each made by {@code each}; empty where there is none. */
    <T> List<T> list(String name, Function<JsonValue, T> each) {
        JsonValue value = get(name);
        List<T> list = new ArrayList<>();
        if (value == null) {
            return list;
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong(value, "an array [...]");
        }
        for (JsonValue element : array.elements()) {
            list.add(each.apply(element));
        }
        return list;
    }

    /** A text that {@code parser} understands; it gives {@code null} for what it does not. */
    <T> T parsed(String name, String expected, Function<String, T> parser, T otherwise) {
        String text = text(name, null);
        if (text == null) {
            return otherwise;
        }
        T result = parser.apply(text);
        if (result == null) {
            throw wrong(get(name), expected);
        }
        return result;
    }

    /** Refuses members that nobody asked for. */
    void done(String what) {
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                throw BpfException.usage(
                        object.members().get(name).place()
                                + ": '"
                                + name
                                + "' is no member of "
                                + what
                                + "; its members are "
                                + String.join(", ", known));
            }
        }
    }
}

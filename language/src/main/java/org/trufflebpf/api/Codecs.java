package org.trufflebpf.api;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Which Java types a C type may be seen as:
 *
 * <ul>
 *   <li>an integer as a Java integer of at least its width, with all its bits in one of exactly its
 *       width (an {@code unsigned int} in an {@code int} is read with {@link
 *       Integer#toUnsignedLong}), as a {@link BigInteger}, a {@code _Bool} as a {@code boolean};
 *   <li>an enum as a Java enum with constants of the same names, as a {@link String}, or as an
 *       integer;
 *   <li>{@code char[]} as a {@link String}, every array as a Java array or a {@link List}, a
 *       pointer as a {@code long}, {@code float} and {@code double} as such;
 *   <li>a struct as a record whose components have the names of members; members without a
 *       component are zero when it is written; a union likewise, with one component;
 *   <li>anything as {@code byte[]}, and as {@link Object}: {@link Long}, {@link BigInteger} for
 *       unsigned 64 bits, {@link String}, {@link List}, {@link Map}.
 * </ul>
 */
final class Codecs {
    private Codecs() {}

    /**
     * The codec of a C type for a Java type.
     *
     * @param path what the value is, for messages
     * @throws BpfException if the one cannot be seen as the other
     */
    static Codec of(Layout layout, Type type, String path) {
        if (type == byte[].class) {
            return new SequenceCodecs.Raw(layout.size());
        }
        if (type == Object.class) {
            return natural(layout, path);
        }
        Codec codec =
                switch (layout) {
                    case Layout.Int number -> integer(number.size(), number.signed(), type, path);
                    case Layout.Pointer pointer ->
                            type == long.class || type == Long.class
                                    ? integer(pointer.size(), false, type, path)
                                    : null;
                    case Layout.Choice choice -> choice(choice, type, path);
                    case Layout.Floating number -> floating(number, type);
                    case Layout.Array array -> array(array, type, path);
                    case Layout.Composite composite ->
                            type instanceof Class<?> c && c.isRecord()
                                    ? new RecordCodec(composite, c, path)
                                    : null;
                    case Layout.Unknown _ -> null;
                };
        if (codec == null) {
            throw BpfException.usage(
                    path
                            + " is "
                            + layout.name()
                            + ", which cannot be seen as "
                            + type.getTypeName()
                            + hint(layout));
        }
        return codec;
    }

    private static String hint(Layout layout) {
        return switch (layout) {
            case Layout.Int number when number.size() <= 8 ->
                    "; use "
                            + (number.isBool() ? "boolean" : javaInteger(number))
                            + " or BigInteger";
            case Layout.Composite _ -> "; use a record with components of its members' names";
            case Layout.Choice _ -> "; use an enum with constants of its names, or String";
            case Layout.Unknown _ -> "; use byte[]";
            default -> "";
        };
    }

    private static String javaInteger(Layout.Int number) {
        return switch (number.size()) {
            case 1 -> number.signed() ? "byte" : "short";
            case 2 -> number.signed() ? "short" : "int";
            case 4 -> number.signed() ? "int" : "long";
            default -> "long";
        };
    }

    // ---- integers

    /** Bits of a Java integer type, 0 for other types. */
    private static int bitsOf(Type type) {
        if (type == long.class || type == Long.class) {
            return Long.SIZE;
        }
        if (type == int.class || type == Integer.class) {
            return Integer.SIZE;
        }
        if (type == short.class || type == Short.class) {
            return Short.SIZE;
        }
        return type == byte.class || type == Byte.class ? Byte.SIZE : 0;
    }

    private static Codec integer(int size, boolean signed, Type type, String path) {
        if (size > 8) {
            return null;
        }
        if (type == BigInteger.class) {
            return new ScalarCodecs.BigNumber(path, signed);
        }
        if (type == boolean.class || type == Boolean.class) {
            return size == 1 ? new ScalarCodecs.Flag() : null;
        }
        return bitsOf(type) >= 8 * size
                ? new ScalarCodecs.Number(path, signed, bitsOf(type))
                : null;
    }

    // ---- enumerations and floating-point numbers

    private static Codec choice(Layout.Choice choice, Type type, String path) {
        if (type == String.class) {
            return new ScalarCodecs.Name(choice);
        }
        if (type instanceof Class<?> c && c.isEnum()) {
            for (Object constant : c.getEnumConstants()) {
                if (!choice.values().containsKey(((Enum<?>) constant).name())) {
                    throw BpfException.usage(
                            path
                                    + ": "
                                    + choice.name()
                                    + " has no "
                                    + constant
                                    + "; it has "
                                    + String.join(", ", choice.values().keySet()));
                }
            }
            return new ScalarCodecs.Constant(new ScalarCodecs.Name(choice), c);
        }
        return integer(choice.size(), choice.signed(), type, path);
    }

    private static Codec floating(Layout.Floating number, Type type) {
        return switch (number.size()) {
            case 4 -> type == float.class || type == Float.class ? new ScalarCodecs.Real() : null;
            case 8 -> type == double.class || type == Double.class ? new ScalarCodecs.Real() : null;
            default -> null;
        };
    }

    // ---- arrays and bytes

    private static Codec array(Layout.Array array, Type type, String path) {
        if (type == String.class) {
            return array.element() instanceof Layout.Int element && element.isChar()
                    ? new SequenceCodecs.Text()
                    : null;
        }
        String each = path + "[]";
        if (type instanceof Class<?> c && c.isArray()) {
            Class<?> element = c.getComponentType();
            return new SequenceCodecs.Elements(array, of(array.element(), element, each), element);
        }
        if (type == List.class) {
            return new SequenceCodecs.Elements(array, natural(array.element(), each), null);
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            Type element = generic.getActualTypeArguments()[0];
            return new SequenceCodecs.Elements(array, of(array.element(), element, each), null);
        }
        return null;
    }

    // ---- what fits best

    static Codec natural(Layout layout, String path) {
        return switch (layout) {
            case Layout.Int number when number.isBool() -> new ScalarCodecs.Flag();
            case Layout.Int number when number.size() == 8 && !number.signed() ->
                    new ScalarCodecs.BigNumber(path, false);
            case Layout.Int number when number.size() <= 8 ->
                    new ScalarCodecs.Number(path, number.signed(), Long.SIZE);
            case Layout.Pointer pointer -> integer(pointer.size(), false, long.class, path);
            case Layout.Choice choice -> new ScalarCodecs.Name(choice);
            case Layout.Floating number when number.size() == 4 || number.size() == 8 ->
                    new ScalarCodecs.Real();
            case Layout.Array array
                    when array.element() instanceof Layout.Int element && element.isChar() ->
                    new SequenceCodecs.Text();
            case Layout.Array array -> array(array, List.class, path);
            case Layout.Composite composite -> new MapCodec(composite, path);
            default -> new SequenceCodecs.Raw(layout.size());
        };
    }
}

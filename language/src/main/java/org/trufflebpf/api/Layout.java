package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** How values of a C type lie in their bytes, as the object's BTF tells it. Immutable. */
sealed interface Layout {
    /** Bytes. */
    int size();

    /** The type as C writes it, for messages. */
    String name();

    /** An integer; {@code isChar} for the elements of text. */
    record Int(int size, String name, boolean signed, boolean isBool, boolean isChar)
            implements Layout {}

    /** An enumeration; values by name, extended to 64 bits. */
    record Choice(int size, String name, boolean signed, Map<String, Long> values)
            implements Layout {
        /** The name of a value, {@code null} if it has none. */
        String nameOf(long value) {
            for (Map.Entry<String, Long> entry : values.entrySet()) {
                if (entry.getValue() == value) {
                    return entry.getKey();
                }
            }
            return null;
        }
    }

    record Floating(int size, String name) implements Layout {}

    /** A pointer, of which nothing but the number is known. */
    record Pointer(int size, String name) implements Layout {}

    record Array(int size, String name, Layout element, int count) implements Layout {}

    /**
     * A struct, a union, or a section of global variables; members of anonymous members stand among
     * the others.
     */
    record Composite(int size, String name, boolean union, Map<String, Member> members)
            implements Layout {}

    /**
     * A named member.
     *
     * @param bitOffset from the start of the composite
     * @param bitSize width in bits, that of the type unless it is a bit-field
     */
    record Member(Layout type, long bitOffset, int bitSize) {}

    /** Bytes without a type. */
    record Unknown(int size, String name) implements Layout {}

    /** The layout of a type value, {@link Unknown} of so many bytes for null. */
    static Layout of(Value type, int size) {
        return type == null || type.isNull() ? new Unknown(size, size + " bytes") : of(type);
    }

    private static Layout of(Value type) {
        int size = Math.toIntExact(Math.max(0, type.getMember("size").asLong()));
        String kind = type.getMember("kind").asString();
        String name = type.getMember("name").asString();
        boolean signed = type.getMember("signed").asBoolean();
        return switch (kind) {
            case "int" ->
                    new Int(
                            size,
                            name,
                            signed,
                            type.getMember("bool").asBoolean(),
                            type.getMember("char").asBoolean());
            case "enum", "enum64" -> {
                Map<String, Long> values = new LinkedHashMap<>();
                for (Value value : elements(type.getMember("values"))) {
                    values.putIfAbsent(
                            value.getMember("name").asString(),
                            value.getMember("value").asBigInteger().longValue());
                }
                yield new Choice(size, "enum " + name, signed, values);
            }
            case "float" -> new Floating(size, name);
            case "ptr" -> new Pointer(size, "pointer");
            case "array" -> {
                Layout element = of(type.getMember("element"));
                int count = Math.toIntExact(type.getMember("count").asLong());
                yield new Array(size, element.name() + "[" + count + "]", element, count);
            }
            case "struct", "union", "datasec" -> {
                Map<String, Member> members = new LinkedHashMap<>();
                addMembers(type, 0, members);
                yield new Composite(size, kind + " " + name, kind.equals("union"), members);
            }
            default -> new Unknown(size, kind + " " + name);
        };
    }

    private static void addMembers(Value composite, long bitOffset, Map<String, Member> members) {
        for (Value member : elements(composite.getMember("members"))) {
            String name = member.getMember("name").asString();
            long at = bitOffset + member.getMember("bitOffset").asLong();
            Value type = member.getMember("type");
            if (type.isNull()) {
                continue;
            }
            if (name.isEmpty()) {
                if (!type.getMember("members").isNull()) {
                    addMembers(type, at, members);
                }
                continue;
            }
            Layout layout = of(type);
            int bits = member.getMember("bitSize").asInt();
            members.putIfAbsent(name, new Member(layout, at, bits > 0 ? bits : 8 * layout.size()));
        }
    }

    private static List<Value> elements(Value array) {
        return new ArrayList<>(
                LongStream.range(0, array.getArraySize())
                        .mapToObj(array::getArrayElement)
                        .toList());
    }
}

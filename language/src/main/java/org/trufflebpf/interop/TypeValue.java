package org.trufflebpf.interop;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;

/**
 * A BTF type, typedefs and qualifiers resolved, so that a language can lay values out itself.
 * Members: {@code id}, {@code kind} (the kernel's word, such as {@code int}), {@code name}, {@code
 * size} in bytes, {@code signed}, {@code bool}, {@code char}; of an array {@code element} and
 * {@code count}; of a struct, union or section of data {@code members}, an array of {@code {name,
 * type, bitOffset, bitSize}} with a width for bit-fields and 0 else; of an enum {@code values}, an
 * array of {@code {name, value}}. What a kind does not have is null. Types that pointers lead to
 * are not shown.
 */
final class TypeValue extends Members {
    private static final List<String> NAMES =
            List.of(
                    "id", "kind", "name", "size", "signed", "bool", "char", "element", "count",
                    "members", "values");

    private final Btf btf;
    private final BtfType type;

    private TypeValue(Btf btf, BtfType type) {
        this.btf = btf;
        this.type = type;
    }

    /** The type of that id, or null where there is none, as for a map without BTF. */
    static Object of(Btf btf, int id) {
        return btf == null || id == 0
                ? NullValue.INSTANCE
                : new TypeValue(
                        btf,
                        btf.resolve(id) instanceof BtfType.Var variable
                                ? btf.resolve(variable.type())
                                : btf.resolve(id));
    }

    @Override
    Object identity() {
        return List.of(btf, type.id());
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "id" -> type.id();
            case "kind" -> type.kind().label();
            case "name" -> type.name();
            case "size" -> btf.sizeOf(type.id());
            case "signed" ->
                    (type instanceof BtfType.Int number && number.isSigned())
                            || (type instanceof BtfType.Enumeration choice && choice.signed());
            case "bool" -> type instanceof BtfType.Int number && number.isBool();
            case "char" ->
                    type instanceof BtfType.Int number
                            && number.size() == 1
                            && ((number.encoding() & BtfType.Int.CHAR) != 0
                                    || number.name().equals("char"));
            case "element" ->
                    type instanceof BtfType.Array array
                            ? of(btf, array.element())
                            : NullValue.INSTANCE;
            case "count" ->
                    type instanceof BtfType.Array array ? array.count() : NullValue.INSTANCE;
            case "members" ->
                    switch (type) {
                        case BtfType.Composite composite -> members(composite);
                        case BtfType.Datasec section -> members(section);
                        default -> NullValue.INSTANCE;
                    };
            case "values" ->
                    type instanceof BtfType.Enumeration choice
                            ? values(choice)
                            : NullValue.INSTANCE;
            default -> null;
        };
    }

    private ListValue members(BtfType.Composite composite) {
        List<Object> members = new ArrayList<>();
        for (BtfType.Member member : composite.members()) {
            members.add(
                    new RecordValue()
                            .with("name", member.name())
                            .with("type", of(btf, member.type()))
                            .with("bitOffset", member.bitOffset())
                            .with("bitSize", member.bitSize()));
        }
        return new ListValue(members);
    }

    private ListValue members(BtfType.Datasec section) {
        List<Object> members = new ArrayList<>();
        for (BtfType.VarInfo variable : section.vars()) {
            members.add(
                    new RecordValue()
                            .with("name", btf.name(variable.type()))
                            .with("type", of(btf, variable.type()))
                            .with("bitOffset", variable.offset() * 8)
                            .with("bitSize", 0));
        }
        return new ListValue(members);
    }

    private static ListValue values(BtfType.Enumeration choice) {
        List<Object> values = new ArrayList<>();
        for (BtfType.Value value : choice.values()) {
            values.add(
                    new RecordValue()
                            .with("name", value.name())
                            .with(
                                    "value",
                                    choice.signed()
                                            ? (Object) value.value()
                                            : BigNumber.unsigned(value.value())));
        }
        return new ListValue(values);
    }
}

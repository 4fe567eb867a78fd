package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * A place in a type, in the local BTF as an access string says it or in a target as it was found
 * there. Named members and array indexes are steps; the members of anonymous structs that lie on
 * the way count in {@code raw} only.
 */
final class CoreSpec {
    /** libbpf's {@code BPF_CORE_SPEC_MAX_LEN}. */
    static final int MAX_LENGTH = 64;

    /**
     * One step.
     *
     * @param type the composite that a member is in, or the element that an index leads to
     * @param index of the member, element or enumerator
     * @param name of the member or enumerator, {@code null} for an element
     */
    record Step(int type, int index, String name) {}

    final Btf btf;
    final int rootType;
    final CoreKind kind;
    final List<Step> steps = new ArrayList<>();
    final List<Integer> raw = new ArrayList<>();
    long bitOffset;

    CoreSpec(Btf btf, int rootType, CoreKind kind) {
        this.btf = btf;
        this.rootType = rootType;
        this.kind = kind;
    }

    Step last() {
        return steps.getLast();
    }

    /**
     * Reads an access string, such as {@code 0:1:2}.
     *
     * @return the place, or {@code null} if the string does not fit the type
     */
    static CoreSpec parse(Btf btf, int rootType, String access, CoreKind kind) {
        CoreSpec spec = new CoreSpec(btf, rootType, kind);
        if (kind.subject() == CoreKind.Subject.TYPE) {
            return access.equals("0") ? spec : null;
        }
        if (!spec.parseIndexes(access)) {
            return null;
        }
        int id = btf.skipModifiers(rootType);
        int first = spec.raw.getFirst();
        if (kind.subject() == CoreKind.Subject.ENUM_VALUE) {
            if (!(btf.type(id) instanceof BtfType.Enumeration type)
                    || spec.raw.size() > 1
                    || first >= type.values().size()) {
                return null;
            }
            spec.steps.add(new Step(id, first, type.values().get(first).name()));
            return spec;
        }
        spec.steps.add(new Step(id, first, null));
        long size = btf.sizeOf(id);
        if (size < 0) {
            return null;
        }
        spec.bitOffset = first * size * 8;
        for (int i = 1; i < spec.raw.size(); i++) {
            id = spec.step(btf.skipModifiers(id), spec.raw.get(i));
            if (id < 0) {
                return null;
            }
        }
        return spec;
    }

    private boolean parseIndexes(String access) {
        if (access.isEmpty() || access.startsWith(":")) {
            return false;
        }
        for (String part : access.split(":", -1)) {
            if (part.isEmpty()
                    || part.length() > 9
                    || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return false;
            }
            raw.add(Integer.parseInt(part));
        }
        return raw.size() <= MAX_LENGTH;
    }

    /** Goes one index further from a type; the type that it leads to, or -1. */
    private int step(int id, int index) {
        return switch (btf.type(id)) {
            case BtfType.Composite type when index < type.members().size() -> {
                BtfType.Member member = type.members().get(index);
                bitOffset += member.bitOffset();
                if (!member.name().isEmpty()) {
                    steps.add(new Step(id, index, member.name()));
                }
                yield member.type();
            }
            case BtfType.Array array when index < array.count() || isFlexible(array) -> {
                int element = btf.skipModifiers(array.element());
                long size = btf.sizeOf(element);
                if (size < 0) {
                    yield -1;
                }
                steps.add(new Step(element, index, null));
                bitOffset += index * size * 8;
                yield element;
            }
            default -> -1;
        };
    }

    /**
     * Whether the array that the last step led to is a flexible one: of no elements, the last of
     * its struct.
     */
    boolean isFlexible(BtfType.Array array) {
        return array.count() == 0
                && !steps.isEmpty()
                && last().name() != null
                && btf.type(last().type()) instanceof BtfType.Composite type
                && last().index() == type.members().size() - 1;
    }

    /**
     * The text that libbpf prints, such as {@code <byte_off> [22] struct task_struct.pid (0:1 @
     * offset 8)}.
     */
    @Override
    public String toString() {
        BtfType root = btf.type(rootType);
        StringBuilder text = new StringBuilder();
        text.append('<').append(kind.label()).append("> [").append(rootType).append("] ");
        text.append(root.kind().label())
                .append(' ')
                .append(root.name().isEmpty() ? "<anon>" : root.name());
        switch (kind.subject()) {
            case TYPE -> {
                // the type is all
            }
            case ENUM_VALUE -> {
                if (!raw.isEmpty() && btf.resolve(rootType) instanceof BtfType.Enumeration type) {
                    BtfType.Value value = type.values().get(raw.getFirst());
                    boolean signed = type.signed() || type.kind() == BtfKind.ENUM;
                    text.append("::").append(value.name()).append(" = ");
                    text.append(
                            signed
                                    ? Long.toString(value.value())
                                    : Long.toUnsignedString(value.value()));
                }
            }
            case FIELD -> describePath(text);
        }
        return text.toString();
    }

    private void describePath(StringBuilder text) {
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step.name() != null) {
                text.append('.').append(step.name());
            } else if (i > 0 || step.index() > 0) {
                text.append('[').append(step.index()).append(']');
            }
        }
        StringJoiner indexes = new StringJoiner(":");
        raw.forEach(index -> indexes.add(Integer.toString(index)));
        text.append(" (").append(indexes).append(" @ offset ").append(bitOffset / 8);
        if (bitOffset % 8 != 0) {
            text.append('.').append(bitOffset % 8);
        }
        text.append(')');
    }
}

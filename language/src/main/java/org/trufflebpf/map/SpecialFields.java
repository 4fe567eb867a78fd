package org.trufflebpf.map;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the {@link ValueFields} of a value or object in its BTF type (kernel: {@code
 * btf_parse_fields}), structs within structs and arrays included. A kptr is a pointer with the type
 * tag {@code kptr}, {@code kptr_untrusted}, {@code percpu_kptr} or {@code uptr}; what a list or
 * tree holds says the declaration tag {@code contains:type:node} of its member.
 */
public final class SpecialFields {
    private static final int MAX_DEPTH = 8;

    /** Fields of one value (kernel: {@code BTF_FIELDS_MAX}). */
    private static final int MAX_FIELDS = 11;

    private static final List<String> KPTR_TAGS =
            List.of("kptr", "kptr_untrusted", "percpu_kptr", "uptr");

    private final Btf btf;
    private final List<ValueFields.Field> found = new ArrayList<>();

    private SpecialFields(Btf btf) {
        this.btf = btf;
    }

    /** The special fields of a type; none where {@code btf} is {@code null} or {@code typeId} 0. */
    public static ValueFields find(Btf btf, int typeId) {
        if (btf == null || typeId == 0) {
            return ValueFields.NONE;
        }
        SpecialFields search = new SpecialFields(btf);
        search.collect(typeId, 0, 0, null);
        return search.found.isEmpty() ? ValueFields.NONE : new ValueFields(search.found);
    }

    private void collect(int typeId, long offset, int depth, String contains) {
        if (depth > MAX_DEPTH) {
            return;
        }
        switch (btf.resolve(typeId)) {
            case BtfType.Array array -> {
                long size = btf.sizeOf(array.element());
                int before = found.size();
                for (long i = 0; i < array.count() && found.size() < MAX_FIELDS; i++) {
                    collect(array.element(), offset + i * size, depth + 1, contains);
                    if (found.size() == before) {
                        return;
                    }
                }
            }
            case BtfType.Ptr pointer -> kptr(pointer, offset);
            case BtfType.Composite struct when struct.kind() == BtfKind.STRUCT ->
                    struct(struct, offset, depth, contains);
            default -> {}
        }
    }

    private void kptr(BtfType.Ptr pointer, long offset) {
        if (btf.kind(pointer.target()) == BtfKind.TYPE_TAG
                && KPTR_TAGS.contains(btf.name(pointer.target()))) {
            found.add(
                    new ValueFields.Field(
                            ValueFields.Kind.BPF_KPTR,
                            (int) offset,
                            btf.skipModifiers(pointer.target()),
                            0));
        }
    }

    private void struct(BtfType.Composite struct, long offset, int depth, String contains) {
        for (ValueFields.Kind kind : ValueFields.Kind.values()) {
            if (kind != ValueFields.Kind.BPF_KPTR && struct.name().equalsIgnoreCase(kind.name())) {
                found.add(special(kind, (int) offset, contains));
                return;
            }
        }
        for (int i = 0; i < struct.members().size(); i++) {
            BtfType.Member member = struct.members().get(i);
            collect(
                    member.type(),
                    offset + member.bitOffset() / 8,
                    depth + 1,
                    isRoot(member.type()) ? containsTag(struct, i) : null);
        }
    }

    /** Whether a member is a list head or tree root, or an array of them. */
    private boolean isRoot(int typeId) {
        BtfType type = btf.resolve(typeId);
        String name =
                type instanceof BtfType.Array array
                        ? btf.resolve(array.element()).name()
                        : type.name();
        return name.equals("bpf_list_head") || name.equals("bpf_rb_root");
    }

    private ValueFields.Field special(ValueFields.Kind kind, int offset, String contains) {
        if (contains == null) {
            return new ValueFields.Field(kind, offset);
        }
        // type:node
        String[] parts = contains.split(":");
        int type = parts.length == 2 ? btf.find(parts[0], BtfKind.STRUCT) : 0;
        if (type == 0 || !(btf.type(type) instanceof BtfType.Composite element)) {
            return new ValueFields.Field(kind, offset);
        }
        BtfType.Member node = element.member(parts[1]);
        return new ValueFields.Field(
                kind, offset, type, node == null ? 0 : (int) (node.bitOffset() / 8));
    }

    /** What the declaration tag {@code contains:...} of a member says, or {@code null}. */
    private String containsTag(BtfType.Composite struct, int member) {
        List<String> tags = btf.tags().values(struct.id(), member, "contains:");
        return tags.isEmpty() ? null : tags.getFirst();
    }
}

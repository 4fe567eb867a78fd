package org.trufflebpf.map;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the {@link ValueFields} of a map's value in its BTF type, structs within structs included.
 */
public final class SpecialFields {
    private static final int MAX_DEPTH = 8;

    private SpecialFields() {}

    /** The special fields of a type; none where {@code btf} is {@code null} or {@code typeId} 0. */
    public static ValueFields find(Btf btf, int typeId) {
        if (btf == null || typeId == 0) {
            return ValueFields.NONE;
        }
        List<ValueFields.Field> found = new ArrayList<>();
        collect(btf, typeId, 0, 0, found);
        return found.isEmpty() ? ValueFields.NONE : new ValueFields(found);
    }

    private static void collect(
            Btf btf, int typeId, long offset, int depth, List<ValueFields.Field> found) {
        if (depth > MAX_DEPTH
                || !(btf.resolve(typeId) instanceof BtfType.Composite struct)
                || struct.kind() != BtfKind.STRUCT) {
            return;
        }
        for (ValueFields.Kind kind : ValueFields.Kind.values()) {
            if (struct.name().equalsIgnoreCase(kind.name())) {
                found.add(new ValueFields.Field(kind, (int) offset));
                return;
            }
        }
        for (BtfType.Member member : struct.members()) {
            collect(btf, member.type(), offset + member.bitOffset() / 8, depth + 1, found);
        }
    }
}

package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.failure.BpfException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Structures and unions, and sections of data, whose variables are like fields. The fields of
 * anonymous members are the structure's own, as in C.
 */
final class StructLayout extends Layout {
    /** A field: its layout, and where it is in the structure. */
    record Field(String name, Layout layout, long offset) {
        /** The field's role for messages. */
        String label() {
            return " field `" + name + "`";
        }
    }

    private final String name;
    private final Map<String, Field> fields;
    private final List<String> names;

    StructLayout(String name, long size, List<Field> fields) {
        super(size);
        this.name = name;
        this.fields = new LinkedHashMap<>();
        for (Field field : fields) {
            this.fields.putIfAbsent(field.name(), field);
        }
        this.names = List.copyOf(this.fields.keySet());
    }

    @Override
    String name() {
        return name;
    }

    List<String> names() {
        return names;
    }

    /** The field of that name, or {@code null}. */
    @TruffleBoundary
    Field field(String wanted) {
        return fields.get(wanted);
    }

    @Override
    @TruffleBoundary
    Object read(Storage storage, long address) {
        return new StructValue(this, storage, address);
    }

    /** Encodes the entries of a hash or the members of an object; what is left out is zero. */
    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        if (value instanceof StructValue other && other.isOf(this)) {
            System.arraycopy(other.bytes(), 0, target, offset, (int) size);
        } else if (INTEROP.hasHashEntries(value)) {
            Object keys = INTEROP.getHashKeysIterator(value);
            while (INTEROP.hasIteratorNextElement(keys)) {
                Object key = INTEROP.getIteratorNextElement(keys);
                encodeField(
                        INTEROP.asString(key),
                        INTEROP.readHashValue(value, key),
                        target,
                        offset,
                        order,
                        what);
            }
        } else if (INTEROP.hasMembers(value)
                && !INTEROP.hasArrayElements(value)
                && !INTEROP.isString(value)) {
            Object members = INTEROP.getMembers(value);
            for (long i = 0; i < INTEROP.getArraySize(members); i++) {
                String member = INTEROP.asString(INTEROP.readArrayElement(members, i));
                encodeField(member, INTEROP.readMember(value, member), target, offset, order, what);
            }
        } else {
            throw unfit(value, what);
        }
    }

    private void encodeField(
            String member, Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        Field field = fields.get(member);
        if (field == null) {
            throw BpfException.usage(
                    "no field `"
                            + member
                            + "` in "
                            + name
                            + what
                            + "; fields are "
                            + String.join(", ", names));
        }
        try {
            field.layout.encodePart(
                    value, target, (int) (offset + field.offset), order, field.label());
        } catch (InteropException e) {
            throw field.layout.unfit(value, field.label());
        }
    }
}

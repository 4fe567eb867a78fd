package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;

/**
 * The types of an object: an array by type id of records {@code {id, kind, name, size, text}},
 * those of structures and unions with {@code fields}, those of enumerations with {@code values};
 * {@code find(name)} gives the first type of a name, or null.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class BtfValue extends Members {
    private static final List<String> NAMES = List.of("find");

    private final Layouts layouts;
    private final Btf btf;

    BtfValue(Layouts layouts) {
        this.layouts = layouts;
        this.btf = layouts.btf();
    }

    @Override
    Object identity() {
        return List.of(NAMES, btf);
    }

    @Override
    String display() {
        return "BTF of " + btf.typeCount() + " types";
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return name.equals("find")
                ? new MethodValue(
                        1,
                        1,
                        arguments -> {
                            int id = btf.find(Arguments.text(arguments, 0));
                            return id == 0 ? NullValue.INSTANCE : type(id);
                        })
                : null;
    }

    private RecordValue type(int id) {
        BtfType type = btf.type(id);
        RecordValue record =
                new RecordValue()
                        .with("id", id)
                        .with("kind", type.kind().label())
                        .with("name", type.name())
                        .with("size", btf.sizeOf(id))
                        .with("text", layouts.label(id));
        if (type instanceof BtfType.Composite composite) {
            List<Object> fields = new ArrayList<>();
            for (BtfType.Member member : composite.members()) {
                fields.add(
                        new RecordValue()
                                .with("name", member.name())
                                .with("type", member.type())
                                .with("bitOffset", member.bitOffset())
                                .with("bitSize", member.bitSize()));
            }
            record.with("fields", new ListValue(fields));
        } else if (type instanceof BtfType.Enumeration enumeration) {
            List<Object> values = new ArrayList<>();
            for (BtfType.Value value : enumeration.values()) {
                values.add(
                        new RecordValue()
                                .with("name", value.name())
                                .with(
                                        "value",
                                        enumeration.signed()
                                                ? (Object) value.value()
                                                : BigNumber.unsigned(value.value())));
            }
            record.with("values", new ListValue(values));
        }
        return record;
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return btf.typeCount();
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < btf.typeCount();
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return type((int) index);
    }
}

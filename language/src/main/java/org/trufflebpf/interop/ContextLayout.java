package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.value.AddressText;
import org.trufflebpf.context.ContextStruct;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.util.ArrayList;
import java.util.List;

/**
 * The layouts of contexts: of the structure that the program type has ({@link ContextStruct}), else
 * of the one that the program's parameter points to, as those of tracepoints and syscall programs.
 */
final class ContextLayout {
    private ContextLayout() {}

    /** The layout of a program's context, or {@code null} where it is no structure. */
    static StructLayout of(Opened opened, ProgramSpec program) {
        ObjectSpec object = opened.object().spec();
        ContextStruct struct = ContextStruct.of(program.type(), object);
        return struct != null
                ? opened.layouts().context(struct)
                : ofParameter(object, program, opened.layouts());
    }

    private static StructLayout ofParameter(
            ObjectSpec object, ProgramSpec program, Layouts layouts) {
        Btf btf = object.btf();
        int function = program.subprogs().isEmpty() ? 0 : program.subprogs().getFirst().typeId();
        BtfType.FuncProto proto = btf == null ? null : btf.proto(function);
        if (proto == null
                || proto.params().isEmpty()
                || !(btf.resolve(proto.params().getFirst().type()) instanceof BtfType.Ptr pointer)
                || !(btf.resolve(pointer.target()) instanceof BtfType.Composite)) {
            return null;
        }
        return layouts.of(btf.skipModifiers(pointer.target())) instanceof StructLayout struct
                ? struct
                : null;
    }

    /** The layout of a row of the table. */
    static StructLayout of(ContextStruct struct) {
        List<StructLayout.Field> fields = new ArrayList<>();
        for (ContextStruct.Field field : struct.fields()) {
            Layout layout = new IntLayout(field.bytes(), false, false);
            if (field.count() > 0) {
                layout = new ArrayLayout(layout, field.count(), false);
            }
            if (field.isAddress()) {
                layout = new Address(layout);
            }
            fields.add(new StructLayout.Field(field.name(), layout, field.offset()));
        }
        return new StructLayout("struct " + struct.name(), struct.size(), fields);
    }

    /** Numbers in network order, which may also be written as the text of an address. */
    private static final class Address extends Layout {
        private final Layout numbers;

        Address(Layout numbers) {
            super(numbers.size);
            this.numbers = numbers;
        }

        @Override
        String name() {
            return numbers.name();
        }

        @Override
        Object read(Storage storage, long address) {
            return numbers.read(storage, address);
        }

        @Override
        boolean takesArrayOfBytes() {
            return numbers.takesArrayOfBytes();
        }

        @Override
        void encode(Object value, byte[] target, int offset, Storage order, String what)
                throws InteropException {
            byte[] bytes =
                    INTEROP.isString(value)
                            ? AddressText.parse(INTEROP.asString(value), size)
                            : null;
            if (bytes != null) {
                System.arraycopy(bytes, 0, target, offset, bytes.length);
            } else {
                numbers.encode(value, target, offset, order, what);
            }
        }
    }
}

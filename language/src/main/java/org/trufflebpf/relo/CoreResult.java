package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.nio.ByteOrder;

/**
 * The values of a relocation.
 *
 * @param local what the compiler has put into the instruction
 * @param target what belongs there
 * @param poison there is no such place in the target: the instruction must not be reached
 * @param validate whether the instruction has to hold {@code local}
 * @param localSize bytes of the field in the object, 0 if they do not matter
 * @param targetSize bytes of the field in the target
 * @param sizeMismatch the sizes differ, and another access size would read another value
 */
record CoreResult(
        long local,
        long target,
        boolean poison,
        boolean validate,
        int localSize,
        int targetSize,
        boolean sizeMismatch) {

    /**
     * The place cannot be expressed (a bit-field that no 64-bit load covers, a shift of an array
     * element).
     */
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1L;

        Impossible(String message) {
            super(message, null, false, false);
        }
    }

    /** One side of a field relocation. */
    private record Field(long value, long size, BtfType type, boolean validate) {}

    /** The same value on both sides, nothing to check. */
    static CoreResult localTypeId(int id) {
        return new CoreResult(id, id, false, false, 0, 0, false);
    }

    /** The values for a local place and the place found for it, {@code null} if there is none. */
    static CoreResult of(CoreSpec local, CoreSpec target, ByteOrder order) throws Impossible {
        return switch (local.kind.subject()) {
            case FIELD -> ofField(local, target, order);
            case TYPE -> {
                boolean validate = local.kind != CoreKind.TYPE_ID_TARGET;
                yield new CoreResult(
                        typeValue(local), typeValue(target), false, validate, 0, 0, false);
            }
            case ENUM_VALUE -> {
                boolean value = local.kind == CoreKind.ENUMVAL_VALUE;
                long exists = target == null ? 0 : 1;
                yield value
                        ? new CoreResult(
                                enumValue(local),
                                target == null ? 0 : enumValue(target),
                                target == null,
                                true,
                                0,
                                0,
                                false)
                        : new CoreResult(1, exists, false, true, 0, 0, false);
            }
        };
    }

    private static long typeValue(CoreSpec spec) throws Impossible {
        if (spec == null) {
            return 0;
        }
        return switch (spec.kind) {
            case TYPE_ID_TARGET -> spec.rootType;
            case TYPE_SIZE -> sizeOf(spec.btf, spec.rootType);
            default -> 1;
        };
    }

    private static long enumValue(CoreSpec spec) {
        CoreSpec.Step step = spec.steps.getFirst();
        BtfType.Enumeration type = (BtfType.Enumeration) spec.btf.type(step.type());
        long value = type.values().get(step.index()).value();
        // libbpf takes a 32-bit enumerator as signed whatever the enumeration says
        return type.kind() == BtfKind.ENUM ? (int) value : value;
    }

    private static CoreResult ofField(CoreSpec local, CoreSpec target, ByteOrder order)
            throws Impossible {
        if (local.kind == CoreKind.FIELD_EXISTS) {
            return new CoreResult(1, target == null ? 0 : 1, false, true, 0, 0, false);
        }
        Field left = field(local, order);
        if (target == null) {
            return new CoreResult(left.value, 0, true, left.validate, 0, 0, false);
        }
        Field right = field(target, order);
        boolean mismatch = left.size != right.size && !isResizable(left.type, right.type);
        return new CoreResult(
                left.value,
                right.value,
                false,
                left.validate,
                (int) left.size,
                (int) right.size,
                mismatch);
    }

    /**
     * A load of another size gives the same value for pointers and unsigned integers, which are
     * zero-extended.
     */
    private static boolean isResizable(BtfType left, BtfType right) {
        if (left instanceof BtfType.Int from && right instanceof BtfType.Int to) {
            return from.encoding() != BtfType.Int.SIGNED && to.encoding() != BtfType.Int.SIGNED;
        }
        return left instanceof BtfType.Ptr && right instanceof BtfType.Ptr;
    }

    private static Field field(CoreSpec spec, ByteOrder order) throws Impossible {
        CoreSpec.Step last = spec.last();
        if (last.name() == null) {
            return element(spec, last);
        }
        Btf btf = spec.btf;
        BtfType.Member member =
                ((BtfType.Composite) btf.type(last.type())).members().get(last.index());
        int typeId = btf.skipModifiers(member.type());
        BtfType type = btf.type(typeId);
        boolean bitField = member.bitSize() > 0;
        long byteSize = sizeOf(btf, typeId);
        long byteOffset = spec.bitOffset / 8;
        long bitSize = byteSize * 8;
        if (bitField) {
            bitSize = member.bitSize();
            if (byteSize == 0) {
                throw new Impossible("can't be satisfied for bitfield");
            }
            // the smallest aligned load that covers the bits
            byteOffset = spec.bitOffset / 8 / byteSize * byteSize;
            while (spec.bitOffset + bitSize - byteOffset * 8 > byteSize * 8) {
                if (byteSize >= 8) {
                    throw new Impossible("can't be satisfied for bitfield");
                }
                byteSize *= 2;
                byteOffset = spec.bitOffset / 8 / byteSize * byteSize;
            }
        }
        long inWord = spec.bitOffset - byteOffset * 8;
        return switch (spec.kind) {
            case FIELD_BYTE_OFFSET ->
                    bitField
                            ? new Field(byteOffset, 0, null, false)
                            : new Field(byteOffset, elementSize(btf, typeId), type, true);
            case FIELD_BYTE_SIZE -> new Field(byteSize, 0, null, !bitField);
            case FIELD_SIGNED -> new Field(isSigned(type) ? 1 : 0, 0, null, true);
            case FIELD_LSHIFT_U64 ->
                    new Field(
                            order == ByteOrder.LITTLE_ENDIAN
                                    ? 64 - (inWord + bitSize)
                                    : (8 - byteSize) * 8 + inWord,
                            0,
                            null,
                            !bitField);
            case FIELD_RSHIFT_U64 -> new Field(64 - bitSize, 0, null, true);
            default -> throw new IllegalStateException(spec.kind + " is no field relocation");
        };
    }

    private static boolean isSigned(BtfType type) {
        return switch (type) {
            case BtfType.Int integer -> integer.isSigned();
            case BtfType.Enumeration enumeration -> enumeration.signed();
            default -> false;
        };
    }

    private static Field element(CoreSpec spec, CoreSpec.Step last) throws Impossible {
        return switch (spec.kind) {
            case FIELD_BYTE_OFFSET ->
                    new Field(
                            spec.bitOffset / 8,
                            elementSize(spec.btf, last.type()),
                            spec.btf.type(last.type()),
                            true);
            case FIELD_BYTE_SIZE -> new Field(sizeOf(spec.btf, last.type()), 0, null, true);
            default -> throw new Impossible("can't be applied to array access");
        };
    }

    /** Of an array the size of its innermost elements: that is what one instruction loads. */
    private static long elementSize(Btf btf, int id) throws Impossible {
        int at = btf.skipModifiers(id);
        for (int depth = 0; btf.type(at) instanceof BtfType.Array array; depth++) {
            if (depth > CoreSpec.MAX_LENGTH) {
                throw new Impossible("is nested too deeply");
            }
            at = btf.skipModifiers(array.element());
        }
        return sizeOf(btf, at);
    }

    private static long sizeOf(Btf btf, int id) throws Impossible {
        long size = btf.sizeOf(id);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new Impossible("needs the size of type [" + id + "], which has none");
        }
        return size;
    }
}

package org.trufflebpf.btf;

import org.trufflebpf.elf.ByteView;

import java.util.Arrays;

/**
 * The checks of {@link Btf#parse}: two passes over the words of the type section, without an object
 * per type.
 */
final class BtfChecker {
    private static final int COMMON_WORDS = 3;

    private BtfChecker() {}

    static int kindOf(int info) {
        return info >>> 24 & 0x1f;
    }

    /** Index of the first word of each type; entry 0 stands for void. */
    static int[] starts(int[] words, ByteView view) {
        int[] starts = new int[words.length / COMMON_WORDS + 1];
        int count = 1;
        int at = 0;
        while (at < words.length) {
            if (words.length - at < COMMON_WORDS) {
                throw view.malformed("BTF type " + count + " is cut off, expected 12 bytes");
            }
            int info = words[at + 1];
            BtfKind kind = BtfKind.of(kindOf(info));
            if (kind == null) {
                throw view.malformed(
                        "BTF type "
                                + count
                                + " has kind "
                                + kindOf(info)
                                + ", expected 1 to "
                                + BtfKind.LAST);
            }
            int size = COMMON_WORDS + kind.extraWords(info & 0xffff);
            if (words.length - at < size) {
                throw view.malformed(
                        "BTF type "
                                + count
                                + " ("
                                + kind.label()
                                + ") is cut off, expected "
                                + 4 * size
                                + " bytes, got "
                                + 4 * (words.length - at));
            }
            starts[count++] = at;
            at += size;
        }
        return Arrays.copyOf(starts, count);
    }

    /** Checks that every type id and name offset is in range. */
    static void checkReferences(int[] words, int[] starts, int stringLength, ByteView view) {
        for (int id = 1; id < starts.length; id++) {
            int at = starts[id];
            int info = words[at + 1];
            int extra = at + COMMON_WORDS;
            int vlen = info & 0xffff;
            boolean sound = Integer.compareUnsigned(words[at], stringLength) < 0;
            BtfKind kind = BtfKind.of(kindOf(info));
            switch (kind) {
                case PTR,
                        TYPEDEF,
                        VOLATILE,
                        CONST,
                        RESTRICT,
                        TYPE_TAG,
                        FUNC,
                        FUNC_PROTO,
                        VAR,
                        DECL_TAG ->
                        sound &= isType(words[at + 2], starts);
                case ARRAY ->
                        sound &= isType(words[extra], starts) && isType(words[extra + 1], starts);
                case INT, ENUM, ENUM64, FLOAT -> sound &= isScalarSize(words[at + 2]);
                default -> {
                    // composites and datasecs have any size
                }
            }
            sound &=
                    switch (kind) {
                        case STRUCT, UNION ->
                                entriesSound(words, extra, vlen, 3, 0, 1, starts, stringLength);
                        case FUNC_PROTO ->
                                entriesSound(words, extra, vlen, 2, 0, 1, starts, stringLength);
                        case DATASEC ->
                                entriesSound(words, extra, vlen, 3, -1, 0, starts, stringLength);
                        case ENUM ->
                                entriesSound(words, extra, vlen, 2, 0, -1, starts, stringLength);
                        case ENUM64 ->
                                entriesSound(words, extra, vlen, 3, 0, -1, starts, stringLength);
                        default -> true;
                    };
            if (!sound) {
                throw view.malformed(
                        "BTF type "
                                + id
                                + " ("
                                + kind.label()
                                + ") refers to a name or type that does not exist, or has an"
                                + " impossible size; the last type is "
                                + (starts.length - 1));
            }
        }
    }

    private static boolean entriesSound(
            int[] words,
            int first,
            int vlen,
            int step,
            int name,
            int type,
            int[] starts,
            int stringLength) {
        int end = first + vlen * step;
        for (int at = first; at < end; at += step) {
            if ((name >= 0 && Integer.compareUnsigned(words[at + name], stringLength) >= 0)
                    || (type >= 0 && !isType(words[at + type], starts))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isType(int id, int[] starts) {
        return Integer.compareUnsigned(id, starts.length) < 0;
    }

    private static boolean isScalarSize(int size) {
        return size > 0 && size <= 16;
    }
}

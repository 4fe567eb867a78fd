package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

/**
 * Whether a pointer to one structure may stand for a pointer to another: it is the same, or lies at
 * the pointer's offset inside (kernel: {@code btf_struct_ids_match}).
 */
final class StructMatch {
    private static final int MAX_DEPTH = 16;

    private StructMatch() {}

    /** Both of the same BTF; {@code strict} wants the structure itself, at offset 0. */
    static boolean matches(Btf btf, int id, long off, int wanted, boolean strict) {
        if (off == 0 && btf.skipModifiers(id) == btf.skipModifiers(wanted)) {
            return true;
        }
        return !strict && off >= 0 && inside(btf, id, off, wanted, 0);
    }

    private static boolean inside(Btf btf, int id, long off, int wanted, int depth) {
        int plain = btf.skipModifiers(id);
        if (off == 0 && depth > 0 && plain == btf.skipModifiers(wanted)) {
            return true;
        }
        return switch (btf.resolve(id)) {
            case BtfType.Composite struct
                    when depth < MAX_DEPTH && struct.kind() == BtfKind.STRUCT -> {
                for (BtfType.Member member : struct.members()) {
                    long start = member.bitOffset() / 8;
                    if (member.bitSize() == 0
                            && off >= start
                            && off < start + Math.max(1, btf.sizeOf(member.type()))) {
                        yield inside(btf, member.type(), off - start, wanted, depth + 1);
                    }
                }
                yield false;
            }
            case BtfType.Array array when depth < MAX_DEPTH -> {
                long size = btf.sizeOf(array.element());
                yield size > 0 && inside(btf, array.element(), off % size, wanted, depth + 1);
            }
            default -> false;
        };
    }
}

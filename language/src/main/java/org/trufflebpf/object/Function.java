package org.trufflebpf.object;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.InsnDecoder;

import java.nio.ByteOrder;
import java.util.List;

/**
 * A function as it stands in its section, before linking.
 *
 * @param name its symbol
 * @param section where it stands
 * @param start its first slot in the section
 * @param slots its length
 * @param global visible outside of the object
 * @param program an entry point of the object, not only a subprogram
 * @param typeId BTF type id of its FUNC, or 0
 */
record Function(
        String name,
        ElfSection section,
        int start,
        int slots,
        boolean global,
        boolean program,
        int typeId) {
    static final int SLOT = 8;

    int end() {
        return start + slots;
    }

    /** Its instructions, indexed from 0. */
    List<Insn> decode(ByteView contents, ByteOrder order, Where where) {
        byte[] code =
                contents.slice((long) start * SLOT, (long) slots * SLOT, "function '" + name + "'")
                        .copy();
        return InsnDecoder.decodeForm(code, order, where);
    }
}

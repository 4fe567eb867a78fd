package org.trufflebpf.link;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfSection;

/**
 * One of the objects that are linked.
 *
 * @param btf {@code null} if it has none
 */
record LinkInput(ElfFile elf, Btf btf, BtfExt ext) {
    /** What a loader reads; debug information, tables and notes are left behind. */
    static boolean isKept(ElfSection section) {
        String name = section.name();
        return section.index() != 0
                && (section.type() == ElfSection.PROGBITS || section.type() == ElfSection.NOBITS)
                && !name.startsWith(".debug_")
                && !name.startsWith(".note")
                && !name.equals(".comment")
                && !name.equals(".eh_frame")
                && !name.equals(".BTF")
                && !name.equals(".BTF.ext");
    }
}

package org.trufflebpf.object;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;

import java.nio.charset.StandardCharsets;

/**
 * Whether an object's relocations count the place of a named symbol twice. Up to binutils 2.41 the
 * GNU assembler for BPF writes the symbol's own offset into the immediate that holds the addend: in
 * bytes for lddw, in bytes less one for a call. Later ones write what LLVM does, so the compiler's
 * name does not tell; what stands in the immediates of symbols that do not begin their section
 * does.
 */
final class GnuAddends {
    private GnuAddends() {}

    static boolean in(ObjectFile file) {
        return madeByGcc(file) && countsTwice(file);
    }

    private static boolean madeByGcc(ObjectFile file) {
        ElfSection comment = file.elf.section(".comment");
        if (comment == null) {
            return false;
        }
        String text = new String(file.contents(comment).copy(), StandardCharsets.ISO_8859_1);
        return text.contains("GCC:");
    }

    /** Every immediate that could tell says so, and there is one. */
    private static boolean countsTwice(ObjectFile file) {
        boolean found = false;
        for (ElfSection section : file.elf.sections()) {
            if (!section.isCode()) {
                continue;
            }
            ByteView code = file.contents(section);
            for (ElfRelocation relocation : file.relocations(section)) {
                ElfSymbol symbol = relocation.symbol();
                boolean tells = isNamed(symbol) && symbol.isDefined() && symbol.value() != 0;
                if (!tells || relocation.offset() > code.length() - Function.SLOT) {
                    continue;
                }
                long call = relocation.type() == ElfRelocation.R_BPF_64_32 ? 1 : 0;
                if (code.s32((int) relocation.offset() + 4) + call < symbol.value()) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    static boolean isNamed(ElfSymbol symbol) {
        return symbol.type() != ElfSymbol.SECTION;
    }
}

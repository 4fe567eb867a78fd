package org.trufflebpf.elf;

import java.nio.charset.StandardCharsets;

/**
 * Whether an object's relocations count the place of a named symbol twice. Up to binutils 2.41 the
 * GNU assembler for BPF writes the symbol's own offset into the immediate that holds the addend: in
 * bytes for lddw, in bytes less one for a call. Later ones write what LLVM does, so the compiler's
 * name does not tell; what stands in the immediates of symbols that do not begin their section
 * does.
 */
public final class GnuAddends {
    private static final int SLOT = 8;
    private static final int OPCODE_CALL = 0x85;

    private GnuAddends() {}

    public static boolean in(ElfFile file) {
        return madeByGcc(file) && countsTwice(file);
    }

    private static boolean madeByGcc(ElfFile file) {
        ElfSection comment = file.section(".comment");
        if (comment == null) {
            return false;
        }
        String text = new String(file.contents(comment).copy(), StandardCharsets.ISO_8859_1);
        return text.contains("GCC:");
    }

    /** Every immediate that could tell says so, and there is one. */
    private static boolean countsTwice(ElfFile file) {
        boolean found = false;
        for (ElfSection table : file.sections()) {
            ElfSection code = table.isRelocation() ? target(file, table) : null;
            if (code == null || !code.isCode()) {
                continue;
            }
            ByteView insns = file.contents(code);
            for (ElfRelocation relocation : file.relocations(table)) {
                ElfSymbol symbol = relocation.symbol();
                boolean tells = isNamed(symbol) && symbol.isDefined() && symbol.value() != 0;
                long offset = relocation.offset();
                if (!tells || offset < 0 || offset > insns.length() - SLOT) {
                    continue;
                }
                boolean call = insns.u8(offset) == OPCODE_CALL;
                if (behind(symbol, insns.s32(offset + 4), call, true) < 0) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    private static ElfSection target(ElfFile file, ElfSection table) {
        int index = table.info();
        return index > 0 && index < file.sections().size() ? file.sections().get(index) : null;
    }

    private static boolean isNamed(ElfSymbol symbol) {
        return symbol.type() != ElfSymbol.SECTION;
    }

    /**
     * Bytes behind a symbol that an instruction's immediate means. That of a call counts slots from
     * the one behind the symbol, that of lddw is a byte offset.
     *
     * @param twice what {@link #in} found of the object
     */
    public static long behind(ElfSymbol symbol, int imm, boolean call, boolean twice) {
        if (twice && isNamed(symbol)) {
            return imm + (call ? 1 : 0) - symbol.value();
        }
        return call ? (imm + 1L) * SLOT : imm;
    }
}

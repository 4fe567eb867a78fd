package org.trufflebpf.elf;

/**
 * A section header.
 *
 * @param index number in the section table
 * @param name from the section name table, empty for section 0
 * @param type {@code SHT_*}
 * @param flags {@code SHF_*}
 * @param offset where its bytes stand in the file
 * @param size bytes in the file, or in memory for {@link #NOBITS}
 * @param link {@code sh_link}: the string table of a symbol table, the symbol table of a relocation
 *     section
 * @param info {@code sh_info}: the section that a relocation section patches
 * @param alignment {@code sh_addralign}
 * @param entrySize {@code sh_entsize}
 */
public record ElfSection(
        int index,
        String name,
        int type,
        long flags,
        long offset,
        long size,
        int link,
        int info,
        long alignment,
        long entrySize) {
    public static final int NULL = 0;
    public static final int PROGBITS = 1;
    public static final int SYMTAB = 2;
    public static final int STRTAB = 3;
    public static final int RELA = 4;
    public static final int NOBITS = 8;
    public static final int REL = 9;

    public static final long SHF_EXECINSTR = 4;

    /** A section of instructions. */
    public boolean isCode() {
        return type == PROGBITS && (flags & SHF_EXECINSTR) != 0;
    }

    public boolean isRelocation() {
        return type == REL || type == RELA;
    }
}

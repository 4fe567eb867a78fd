package org.trufflebpf.elf;

/**
 * One relocation entry.
 *
 * @param offset byte offset in the section it patches
 * @param symbol the symbol it refers to
 * @param type {@code R_BPF_*}
 * @param addend of a RELA entry; 0 for REL, where the addend stands in the patched bytes
 */
public record ElfRelocation(long offset, ElfSymbol symbol, int type, long addend) {
    public static final int R_BPF_NONE = 0;
    public static final int R_BPF_64_64 = 1;
    public static final int R_BPF_64_ABS64 = 2;
    public static final int R_BPF_64_ABS32 = 3;
    public static final int R_BPF_64_NODYLD32 = 4;
    public static final int R_BPF_64_32 = 10;
}

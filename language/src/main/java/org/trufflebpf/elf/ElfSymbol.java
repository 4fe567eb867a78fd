package org.trufflebpf.elf;

/**
 * A symbol.
 *
 * @param index number in the symbol table
 * @param name empty for section symbols
 * @param bind {@code STB_*}
 * @param type {@code STT_*}
 * @param hidden visibility {@code STV_HIDDEN} or {@code STV_INTERNAL}: not seen from outside
 * @param section number of its section, 0 for an undefined symbol, or one of the reserved numbers
 *     from 0xff00 on
 * @param value offset in its section
 * @param size bytes, 0 where the compiler did not say
 */
public record ElfSymbol(
        int index,
        String name,
        int bind,
        int type,
        boolean hidden,
        int section,
        long value,
        long size) {
    public static final int LOCAL = 0;
    public static final int GLOBAL = 1;
    public static final int WEAK = 2;

    public static final int NOTYPE = 0;
    public static final int OBJECT = 1;
    public static final int FUNC = 2;
    public static final int SECTION = 3;
    public static final int FILE = 4;

    private static final int SHN_LORESERVE = 0xff00;

    public boolean isLocal() {
        return bind == LOCAL;
    }

    /** Something that another object or the kernel has to supply. */
    public boolean isExtern() {
        return section == 0
                && (bind == GLOBAL || bind == WEAK)
                && type == NOTYPE
                && !name.isEmpty();
    }

    /** Defined in an ordinary section. */
    public boolean isDefined() {
        return section > 0 && section < SHN_LORESERVE;
    }
}

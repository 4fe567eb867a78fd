package org.trufflebpf.elf;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A relocatable ELF64 object for BPF ({@code e_machine} 247, or 0 as clang before 3.9 wrote it), of
 * either byte order. Reading checks the file header, all section headers and the symbol table;
 * contents and relocations are read when they are asked for.
 */
public final class ElfFile {
    private static final int EHDR_SIZE = 64;
    private static final int SHDR_SIZE = 64;
    private static final int SYM_SIZE = 24;
    private static final int REL_SIZE = 16;
    private static final int RELA_SIZE = 24;
    private static final int EM_BPF = 247;
    private static final int SHN_XINDEX = 0xffff;

    /** Longest symbol or section name that is read: mangled names are long, but not that long. */
    private static final int NAME_LIMIT = 16 * 1024;

    private final String name;
    private final ByteView file;
    private final List<ElfSection> sections;
    private final List<ElfSymbol> symbols;

    /**
     * Bytes of names that may still be decoded; names can overlap, so the file's size alone does
     * not bound them.
     */
    private long nameBudget;

    private ElfFile(String name, ByteView file) {
        this.name = name;
        this.file = file;
        this.nameBudget = 64L * file.length() + NAME_LIMIT;
        this.sections = List.copyOf(readSections());
        this.symbols = List.copyOf(readSymbols());
    }

    /** Whether the bytes begin as an ELF file does. */
    public static boolean isElf(byte[] bytes) {
        return bytes.length >= 4
                && bytes[0] == 0x7f
                && bytes[1] == 'E'
                && bytes[2] == 'L'
                && bytes[3] == 'F';
    }

    /** Reads an object. {@code name} is for messages; the bytes must not change afterwards. */
    public static ElfFile parse(String name, byte[] bytes) {
        Where where = Where.file(name);
        if (!isElf(bytes)) {
            throw BpfException.malformed(
                    where, "not an ELF file, expected it to begin with 7f 45 4c 46");
        }
        ByteView ident = ByteView.of(bytes, ByteOrder.LITTLE_ENDIAN, where);
        if (ident.length() < EHDR_SIZE) {
            throw ident.malformed(
                    "ELF header is cut off, expected " + EHDR_SIZE + " bytes, got " + bytes.length);
        }
        if (ident.u8(4) != 2) {
            throw ident.malformed("ELF class " + ident.u8(4) + ", expected 2 (64-bit)");
        }
        ByteOrder order =
                switch (ident.u8(5)) {
                    case 1 -> ByteOrder.LITTLE_ENDIAN;
                    case 2 -> ByteOrder.BIG_ENDIAN;
                    default ->
                            throw ident.malformed(
                                    "ELF data encoding "
                                            + ident.u8(5)
                                            + ", expected 1 (little-endian) or 2 (big-endian)");
                };
        return new ElfFile(name, ident.withOrder(order));
    }

    public String name() {
        return name;
    }

    public ByteOrder order() {
        return file.order();
    }

    public Where where() {
        return file.where();
    }

    /** All sections; the first is the empty section 0. */
    public List<ElfSection> sections() {
        return sections;
    }

    /** The first section of that name, or {@code null}. */
    public ElfSection section(String sectionName) {
        for (ElfSection section : sections) {
            if (section.name().equals(sectionName) && section.index() != 0) {
                return section;
            }
        }
        return null;
    }

    /** All symbols; the first is the empty symbol 0. Empty for an object without a symbol table. */
    public List<ElfSymbol> symbols() {
        return symbols;
    }

    /** The bytes of a section, none for those that have none in the file. */
    public ByteView contents(ElfSection section) {
        Where where = file.where().inSection(section.name());
        if (section.type() == ElfSection.NOBITS || section.type() == ElfSection.NULL) {
            return file.slice(0, 0, where, "section");
        }
        return file.slice(
                section.offset(), section.size(), where, "section '" + section.name() + "'");
    }

    /** The entries of a REL or RELA section, in the order of the file. */
    public List<ElfRelocation> relocations(ElfSection section) {
        ByteView view = contents(section);
        boolean rela = section.type() == ElfSection.RELA;
        int size = rela ? RELA_SIZE : REL_SIZE;
        checkEntries(view, section, size);
        List<ElfRelocation> entries = new ArrayList<>(view.length() / size);
        for (int at = 0; at < view.length(); at += size) {
            long info = view.s64(at + 8L);
            long symbol = info >>> 32;
            if (symbol >= symbols.size()) {
                throw view.malformed(
                        "relocation "
                                + at / size
                                + " refers to symbol "
                                + symbol
                                + ", but there are "
                                + symbols.size());
            }
            entries.add(
                    new ElfRelocation(
                            view.s64(at),
                            symbols.get((int) symbol),
                            (int) info,
                            rela ? view.s64(at + 16L) : 0));
        }
        return entries;
    }

    private List<ElfSection> readSections() {
        int machine = file.u16(18);
        if (machine != EM_BPF && machine != 0) {
            throw file.malformed(
                    "ELF machine "
                            + machine
                            + ", expected "
                            + EM_BPF
                            + " (BPF); compile with clang -target bpf");
        }
        long table = file.s64(40);
        if (table == 0) {
            throw file.malformed(
                    "no section table, expected a relocatable object as clang -c writes it");
        }
        if (file.u16(58) != SHDR_SIZE) {
            throw file.malformed(
                    "section headers of " + file.u16(58) + " bytes, expected " + SHDR_SIZE);
        }
        ByteView first = file.slice(table, SHDR_SIZE, "section header 0");
        // e_shnum and e_shstrndx that do not fit their 16 bits stand in section 0 (ELF gABI,
        // "Sections")
        long count = file.u16(60) != 0 ? file.u16(60) : first.s64(32);
        long names = file.u16(62) != SHN_XINDEX ? file.u16(62) : first.u32(40);
        if (Long.compareUnsigned(count, file.length() / SHDR_SIZE) > 0) {
            throw file.malformed(
                    "section table of "
                            + Long.toUnsignedString(count)
                            + " entries does not fit the file of "
                            + file.length()
                            + " bytes");
        }
        ByteView headers = file.slice(table, count * SHDR_SIZE, "section table");
        if (names >= count) {
            throw file.malformed(
                    "section name table is section " + names + ", but there are " + count);
        }
        ByteView nameTable = stringTable(headers, (int) names);
        List<ElfSection> read = new ArrayList<>((int) count);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            long at = (long) i * SHDR_SIZE;
            ElfSection section =
                    new ElfSection(
                            i,
                            i == 0 ? "" : name(nameTable, headers.u32(at)),
                            headers.s32(at + 4),
                            headers.s64(at + 8),
                            headers.s64(at + 24),
                            headers.s64(at + 32),
                            headers.s32(at + 40),
                            headers.s32(at + 44),
                            headers.s64(at + 48),
                            headers.s64(at + 56));
            read.add(section);
            bytes += i == 0 ? 0 : contents(section).length();
        }
        // each byte belongs to one section; overlapping ones would let a small file ask for much
        // memory
        if (bytes > file.length()) {
            throw file.malformed(
                    "the sections overlap: together they have "
                            + bytes
                            + " bytes in a file of "
                            + file.length());
        }
        return read;
    }

    /** A string table found by its number, before or after the section list exists. */
    private ByteView stringTable(ByteView headers, int index) {
        long at = (long) index * SHDR_SIZE;
        if (headers.s32(at + 4) != ElfSection.STRTAB) {
            throw file.malformed(
                    "section "
                            + index
                            + " has type "
                            + headers.s32(at + 4)
                            + ", expected a string table");
        }
        return file.slice(
                headers.s64(at + 24), headers.s64(at + 32), "string table (section " + index + ")");
    }

    private List<ElfSymbol> readSymbols() {
        ElfSection table = null;
        for (ElfSection section : sections) {
            if (section.type() == ElfSection.SYMTAB) {
                if (table != null) {
                    throw file.malformed(
                            "two symbol tables, sections "
                                    + table.index()
                                    + " and "
                                    + section.index());
                }
                table = section;
            }
        }
        if (table == null) {
            return List.of();
        }
        ByteView view = contents(table);
        checkEntries(view, table, SYM_SIZE);
        ByteView names =
                stringTable(
                        file.slice(
                                file.s64(40), (long) sections.size() * SHDR_SIZE, "section table"),
                        checkSection(view, table.link(), "string table"));
        List<ElfSymbol> read = new ArrayList<>(view.length() / SYM_SIZE);
        for (int at = 0; at < view.length(); at += SYM_SIZE) {
            int info = view.u8(at + 4L);
            int index = at / SYM_SIZE;
            read.add(
                    new ElfSymbol(
                            index,
                            name(names, view.u32(at)),
                            info >> 4,
                            info & 0xf,
                            isHidden(view.u8(at + 5L)),
                            view.u16(at + 6L),
                            view.s64(at + 8L),
                            view.s64(at + 16L)));
        }
        return read;
    }

    private static boolean isHidden(int other) {
        int visibility = other & 3;
        return visibility == 1 || visibility == 2;
    }

    private int checkSection(ByteView view, int index, String what) {
        if (index < 0 || index >= sections.size()) {
            throw view.malformed(
                    what
                            + " is section "
                            + Integer.toUnsignedString(index)
                            + ", but there are "
                            + sections.size());
        }
        return index;
    }

    private static void checkEntries(ByteView view, ElfSection section, int size) {
        if (section.entrySize() != size || view.length() % size != 0) {
            throw view.malformed(
                    "entries of "
                            + Long.toUnsignedString(section.entrySize())
                            + " bytes in "
                            + view.length()
                            + " bytes, expected a whole number of entries of "
                            + size);
        }
    }

    private String name(ByteView table, long offset) {
        if (offset == 0) {
            return "";
        }
        String text = table.text(offset, NAME_LIMIT);
        nameBudget -= text.length();
        if (nameBudget < 0) {
            throw BpfException.limit(
                    file.where(), "the names in the object are larger than 64 times the file");
        }
        return text;
    }
}

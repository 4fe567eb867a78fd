package org.trufflebpf.link;

import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.elf.GnuAddends;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.nio.ByteBuffer;

/**
 * Brings the relocations of one object into the result. All become REL entries, whose addends stand
 * in the instructions; those against a section grow by the place of the object's part in it.
 */
final class RelocationMerger {
    private static final int SLOT = 8;

    /** Where the immediate stands in an instruction. */
    private static final int IMM = 4;

    private static final int OPCODE_CALL = 0x85;
    private static final int OPCODE_LDDW = 0x18;

    private final LinkInput object;
    private final LinkedSections sections;
    private final LinkedSymbols symbols;
    private final boolean gnuAddends;

    RelocationMerger(LinkInput object, LinkedSections sections, LinkedSymbols symbols) {
        this.object = object;
        this.sections = sections;
        this.symbols = symbols;
        this.gnuAddends = GnuAddends.in(object.elf());
    }

    void merge() {
        for (ElfSection table : object.elf().sections()) {
            LinkedSections.Place place =
                    table.isRelocation() ? sections.place(object, table.info()) : null;
            if (place == null) {
                continue;
            }
            long size = object.elf().sections().get(table.info()).size();
            Where where = object.elf().where().inSection(table.name());
            for (ElfRelocation relocation : object.elf().relocations(table)) {
                if (relocation.type() == ElfRelocation.R_BPF_NONE) {
                    continue;
                }
                if (size < SLOT || Long.compareUnsigned(relocation.offset(), size - SLOT) > 0) {
                    throw BpfException.malformed(
                            where,
                            "relocation at offset "
                                    + Long.toUnsignedString(relocation.offset())
                                    + " is outside of its section of "
                                    + Long.toUnsignedString(size)
                                    + " bytes");
                }
                merge(place, relocation, where);
            }
        }
    }

    private void merge(LinkedSections.Place place, ElfRelocation relocation, Where where) {
        ElfSymbol from = relocation.symbol();
        LinkedSymbols.Symbol symbol = symbols.of(object, from);
        if (symbol == null) {
            throw BpfException.malformed(
                    where, "relocation against '" + from.name() + "', which is not linked");
        }
        long offset = place.offset() + relocation.offset();
        if (place.section().isCode()) {
            addend(place.section(), (int) offset, relocation, where);
        } else if (from.type() == ElfSymbol.SECTION || relocation.addend() != 0) {
            throw BpfException.unsupported(
                    where,
                    "relocation of data against a section is not supported, nor is it by libbpf's"
                            + " linker");
        }
        place.section()
                .relocations
                .add(new LinkedSections.Relocation(offset, symbol, relocation.type()));
    }

    /** Writes what stands behind the symbol into the instruction. */
    private void addend(
            LinkedSections.Section section, int offset, ElfRelocation relocation, Where where) {
        ByteBuffer code = ByteBuffer.wrap(section.bytes()).order(sections.order());
        int opcode = code.get(offset) & 0xff;
        if (opcode != OPCODE_CALL && opcode != OPCODE_LDDW) {
            throw BpfException.malformed(
                    where,
                    "relocation at offset "
                            + relocation.offset()
                            + " of an instruction that is neither a call nor lddw");
        }
        ElfSymbol symbol = relocation.symbol();
        boolean call = opcode == OPCODE_CALL;
        int imm = code.getInt(offset + IMM);
        long behind = relocation.addend() + GnuAddends.behind(symbol, imm, call, gnuAddends);
        if (symbol.type() == ElfSymbol.SECTION) {
            behind += sections.place(object, symbol.section()).offset();
        }
        if (call && behind % SLOT != 0) {
            throw BpfException.malformed(
                    where, "call at offset " + relocation.offset() + " leads into an instruction");
        }
        code.putInt(offset + IMM, (int) (call ? behind / SLOT - 1 : behind));
    }
}

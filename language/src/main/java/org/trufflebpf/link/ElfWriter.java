package org.trufflebpf.link;

import org.trufflebpf.elf.ElfSection;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a relocatable ELF64 object for BPF. */
final class ElfWriter {
    private static final int HEADER = 64;
    private static final int SYMBOL = 24;
    private static final int RELOCATION = 16;
    private static final short EM_BPF = 247;
    private static final short ET_REL = 1;
    private static final byte STV_HIDDEN = 2;

    /** A section header and its contents. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Header(
            String name,
            int type,
            long flags,
            byte[] data,
            long size,
            int link,
            int info,
            long alignment,
            long entrySize) {}

    private final ByteOrder order;
    private final ByteArrayOutputStream names = new ByteArrayOutputStream();

    ElfWriter(ByteOrder order) {
        this.order = order;
        names.write(0);
    }

    /** {@code more} are further sections, by name. */
    byte[] write(LinkedSections sections, LinkedSymbols symbols, Map<String, byte[]> more) {
        List<Header> headers = new ArrayList<>();
        for (LinkedSections.Section section : sections.all()) {
            byte[] data = section.type == ElfSection.NOBITS ? new byte[0] : section.bytes();
            headers.add(
                    new Header(
                            section.name,
                            section.type,
                            section.flags,
                            data,
                            section.size,
                            0,
                            0,
                            section.alignment,
                            0));
        }
        int symbolTable = sections.count() + more.size() + 1;
        more.forEach(
                (name, data) ->
                        headers.add(
                                new Header(
                                        name,
                                        ElfSection.PROGBITS,
                                        0,
                                        data,
                                        data.length,
                                        0,
                                        0,
                                        4,
                                        0)));
        headers.add(
                table(".symtab", ElfSection.SYMTAB, symbols(symbols), symbolTable + 1, symbols));
        int strings = headers.size();
        headers.add(null);
        for (LinkedSections.Section section : sections.all()) {
            if (!section.relocations.isEmpty()) {
                headers.add(relocations(section, symbolTable));
            }
        }
        int[] nameOffsets = new int[headers.size()];
        for (int i = 0; i < nameOffsets.length; i++) {
            nameOffsets[i] = name(i == strings ? ".strtab" : headers.get(i).name);
        }
        byte[] texts = names.toByteArray();
        headers.set(
                strings,
                new Header(".strtab", ElfSection.STRTAB, 0, texts, texts.length, 0, 0, 1, 0));
        return file(headers, nameOffsets, strings + 1);
    }

    private Header table(String name, int type, byte[] data, int link, LinkedSymbols symbols) {
        return new Header(
                name, type, 0, data, data.length, link, symbols.localCount() + 1, 8, SYMBOL);
    }

    private byte[] symbols(LinkedSymbols symbols) {
        List<LinkedSymbols.Symbol> all = symbols.numbered();
        ByteBuffer out = ByteBuffer.allocate(SYMBOL * (all.size() + 1)).order(order);
        out.position(SYMBOL);
        for (LinkedSymbols.Symbol symbol : all) {
            out.putInt(name(symbol.name));
            out.put((byte) (symbol.bind << 4 | symbol.type));
            out.put(symbol.hidden ? STV_HIDDEN : 0);
            out.putShort((short) (symbol.isDefined() ? symbol.section.index : 0));
            out.putLong(symbol.value).putLong(symbol.size);
        }
        return out.array();
    }

    private Header relocations(LinkedSections.Section section, int symbolTable) {
        ByteBuffer out = ByteBuffer.allocate(RELOCATION * section.relocations.size()).order(order);
        for (LinkedSections.Relocation relocation : section.relocations) {
            out.putLong(relocation.offset());
            out.putLong((long) relocation.symbol().index << 32 | relocation.type());
        }
        return new Header(
                ".rel" + section.name,
                ElfSection.REL,
                0,
                out.array(),
                out.capacity(),
                symbolTable,
                section.index,
                8,
                RELOCATION);
    }

    private int name(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int offset = names.size();
        names.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        names.write(0);
        return offset;
    }

    private byte[] file(List<Header> headers, int[] nameOffsets, int strings) {
        long[] offsets = new long[headers.size()];
        long end = HEADER;
        for (int i = 0; i < offsets.length; i++) {
            long alignment = headers.get(i).alignment;
            offsets[i] = (end + alignment - 1) & -alignment;
            end = offsets[i] + headers.get(i).data.length;
        }
        long table = (end + 7) & -8;
        ByteBuffer out =
                ByteBuffer.allocate(Math.toIntExact(table + 64L * (offsets.length + 1)))
                        .order(order);
        out.put(new byte[] {0x7f, 'E', 'L', 'F', 2});
        out.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2)).put((byte) 1);
        out.position(16);
        out.putShort(ET_REL).putShort(EM_BPF).putInt(1);
        out.putLong(0).putLong(0).putLong(table).putInt(0);
        out.putShort((short) HEADER).putShort((short) 0).putShort((short) 0);
        out.putShort((short) 64).putShort((short) (offsets.length + 1)).putShort((short) strings);
        for (int i = 0; i < offsets.length; i++) {
            out.put((int) offsets[i], headers.get(i).data);
            out.position((int) table + 64 * (i + 1));
            Header header = headers.get(i);
            out.putInt(nameOffsets[i]).putInt(header.type).putLong(header.flags).putLong(0);
            out.putLong(offsets[i]).putLong(header.size).putInt(header.link).putInt(header.info);
            out.putLong(header.alignment).putLong(header.entrySize);
        }
        return out.array();
    }
}

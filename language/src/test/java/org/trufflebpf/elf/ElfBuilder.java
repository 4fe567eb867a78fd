package org.trufflebpf.elf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes small ELF objects byte by byte. */
public final class ElfBuilder {
    @SuppressWarnings("ArrayRecordComponent")
    private record Section(
            String name,
            int type,
            long flags,
            byte[] data,
            long size,
            int link,
            int info,
            long entry) {}

    private record Symbol(String name, int info, int section, long value, long size) {}

    private final ByteOrder order;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();
    private int machine = 247;

    public ElfBuilder(ByteOrder order) {
        this.order = order;
        symbols.add(new Symbol("", 0, 0, 0, 0));
    }

    public ElfBuilder machine(int number) {
        machine = number;
        return this;
    }

    /** Adds a section and gives its number. */
    public int section(String name, int type, long flags, byte[] data) {
        sections.add(new Section(name, type, flags, data, data.length, 0, 0, 0));
        return sections.size();
    }

    public int code(String name, byte[] insns) {
        return section(name, ElfSection.PROGBITS, 6, insns);
    }

    public int nobits(String name, long size) {
        sections.add(new Section(name, ElfSection.NOBITS, 3, new byte[0], size, 0, 0, 0));
        return sections.size();
    }

    /** Adds a symbol and gives its number. */
    public int symbol(String name, int bind, int type, int section, long value, long size) {
        symbols.add(new Symbol(name, bind << 4 | type, section, value, size));
        return symbols.size() - 1;
    }

    /**
     * Adds a REL section with pairs of offset, symbol and type, or a RELA section with an addend as
     * the fourth.
     */
    public void relocations(int target, boolean rela, long... entries) {
        int step = rela ? 4 : 3;
        ByteBuffer out = ByteBuffer.allocate(entries.length / step * (rela ? 24 : 16)).order(order);
        for (int i = 0; i < entries.length; i += step) {
            out.putLong(entries[i]).putLong(entries[i + 1] << 32 | entries[i + 2]);
            if (rela) {
                out.putLong(entries[i + 3]);
            }
        }
        sections.add(
                new Section(
                        (rela ? ".rela" : ".rel") + target,
                        rela ? ElfSection.RELA : ElfSection.REL,
                        0,
                        out.array(),
                        out.capacity(),
                        0,
                        target,
                        rela ? 24 : 16));
    }

    public byte[] build() {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        names.write(0);
        ByteBuffer table = ByteBuffer.allocate(symbols.size() * 24).order(order);
        for (Symbol symbol : symbols) {
            table.putInt(add(names, symbol.name))
                    .put((byte) symbol.info)
                    .put((byte) 0)
                    .putShort((short) symbol.section);
            table.putLong(symbol.value).putLong(symbol.size);
        }
        List<Section> all = new ArrayList<>(sections);
        int strings = all.size() + 2;
        all.add(
                new Section(
                        ".symtab",
                        ElfSection.SYMTAB,
                        0,
                        table.array(),
                        table.capacity(),
                        strings,
                        1,
                        24));
        int[] nameOffsets = new int[all.size() + 1];
        for (int i = 0; i < all.size(); i++) {
            nameOffsets[i] = add(names, all.get(i).name);
        }
        nameOffsets[all.size()] = add(names, ".strtab");
        all.add(
                new Section(
                        ".strtab",
                        ElfSection.STRTAB,
                        0,
                        names.toByteArray(),
                        names.size(),
                        0,
                        0,
                        0));
        int headers =
                64 + all.stream().mapToInt(section -> (section.data.length + 7) / 8 * 8).sum();
        ByteBuffer out = ByteBuffer.allocate(headers + (all.size() + 1) * 64).order(order);
        out.put(
                new byte[] {
                    0x7f, 'E', 'L', 'F', 2, (byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2), 1
                });
        out.position(16);
        out.putShort((short) 1)
                .putShort((short) machine)
                .putInt(1)
                .putLong(0)
                .putLong(0)
                .putLong(headers);
        out.putInt(0).putShort((short) 64).putShort((short) 0).putShort((short) 0);
        out.putShort((short) 64).putShort((short) (all.size() + 1)).putShort((short) all.size());
        int at = 64;
        for (int i = 0; i < all.size(); i++) {
            Section section = all.get(i);
            out.put(at, section.data);
            out.position(headers + (i + 1) * 64);
            out.putInt(nameOffsets[i]).putInt(section.type).putLong(section.flags).putLong(0);
            out.putLong(at)
                    .putLong(section.size)
                    .putInt(section.link)
                    .putInt(section.info)
                    .putLong(8);
            out.putLong(section.entry);
            at += (section.data.length + 7) / 8 * 8;
        }
        return out.array();
    }

    private static int add(ByteArrayOutputStream names, String name) {
        if (name.isEmpty()) {
            return 0;
        }
        int at = names.size();
        names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        names.write(0);
        return at;
    }

    /** Instructions {@code mov r0, value; exit}. */
    public static byte[] returns(int value, ByteOrder order) {
        ByteBuffer out = ByteBuffer.allocate(16).order(order);
        out.put((byte) 0xb7).put((byte) 0).putShort((short) 0).putInt(value);
        out.put((byte) 0x95);
        return out.array();
    }
}

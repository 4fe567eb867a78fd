package org.trufflebpf.link;

import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.elf.ElfSection;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What instructions belong to, for the instructions of all objects. */
final class BtfExtMerger {
    private static final int MAGIC = 0xeb9f;
    private static final int HEADER = 32;

    /** One object's part of a section. */
    private interface Part {
        /** Its records, as words, by the names that they have in the result. */
        List<int[]> records(LinkInput object, String section, int offset);
    }

    private final List<LinkInput> objects;
    private final LinkedSections sections;
    private final BtfMerger btf;

    BtfExtMerger(List<LinkInput> objects, LinkedSections sections, BtfMerger btf) {
        this.objects = objects.stream().filter(object -> object.btf() != null).toList();
        this.sections = sections;
        this.btf = btf;
    }

    /** The section {@code .BTF.ext}. */
    byte[] bytes() {
        List<int[]> parts =
                List.of(part(2, this::functions), part(4, this::lines), part(4, this::relocations));
        int size = 4 * parts.stream().mapToInt(part -> part.length).sum();
        ByteBuffer out = ByteBuffer.allocate(HEADER + size).order(sections.order());
        out.putShort((short) MAGIC).put((byte) 1).put((byte) 0).putInt(HEADER);
        int offset = 0;
        for (int[] part : parts) {
            out.putInt(offset).putInt(4 * part.length);
            offset += 4 * part.length;
        }
        for (int[] part : parts) {
            for (int word : part) {
                out.putInt(word);
            }
        }
        return out.array();
    }

    /** The size of a record, then for each section its name, the number of records, and these. */
    private int[] part(int wordsPerRecord, Part part) {
        List<int[]> pieces = new ArrayList<>();
        for (LinkedSections.Section section : sections.all()) {
            List<int[]> records = new ArrayList<>();
            for (LinkInput object : objects) {
                records.addAll(records(object, section, part));
            }
            if (!records.isEmpty()) {
                pieces.add(new int[] {btf.string(section.name), records.size()});
                pieces.addAll(records);
            }
        }
        if (pieces.isEmpty()) {
            return new int[0];
        }
        pieces.addFirst(new int[] {4 * wordsPerRecord});
        return pieces.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private List<int[]> records(LinkInput object, LinkedSections.Section section, Part part) {
        ElfSection from = object.elf().section(section.name);
        LinkedSections.Place place = from == null ? null : sections.place(object, from.index());
        return place == null ? List.of() : part.records(object, section.name, (int) place.offset());
    }

    private List<int[]> functions(LinkInput object, String section, int offset) {
        return object.ext().functions(section).stream()
                .map(
                        info ->
                                new int[] {
                                    (int) info.offset() + offset, btf.id(object, info.typeId())
                                })
                .toList();
    }

    private List<int[]> lines(LinkInput object, String section, int offset) {
        return object.ext().lines(section).stream()
                .map(line -> line(object, line, offset))
                .toList();
    }

    private int[] line(LinkInput object, BtfExt.Line line, int offset) {
        return new int[] {
            (int) line.offset() + offset,
            btf.string(object.btf().text(line.fileText())),
            btf.string(object.btf().text(line.lineText())),
            line.lineNumber() << 10 | line.column()
        };
    }

    private List<int[]> relocations(LinkInput object, String section, int offset) {
        return object.ext().relocations(section).stream()
                .map(
                        core ->
                                new int[] {
                                    (int) core.offset() + offset,
                                    btf.id(object, core.typeId()),
                                    btf.string(object.btf().text(core.accessText())),
                                    core.kind()
                                })
                .toList();
    }
}

package org.trufflebpf.link;

import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sections of the result: those of one name, one behind the other. */
final class LinkedSections {
    private static final long LARGEST_ALIGNMENT = 4096;
    private static final long LARGEST = 1L << 30;

    /** Sections that say one thing about all: every object says the same. */
    private static final List<String> SHARED = List.of("license", "version");

    /** A section of the result. */
    static final class Section {
        final String name;
        final int type;
        long flags;
        long alignment = 1;
        long size;
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private byte[] bytes;

        final List<Relocation> relocations = new ArrayList<>();

        /** Number in the result's section table. */
        final int index;

        private Section(String name, int type, int index) {
            this.name = name;
            this.type = type;
            this.index = index;
        }

        boolean isCode() {
            return (flags & ElfSection.SHF_EXECINSTR) != 0;
        }

        /** The contents, once all objects were added; the caller may change them. */
        byte[] bytes() {
            if (bytes == null) {
                bytes = data.toByteArray();
            }
            return bytes;
        }
    }

    /** A REL entry. */
    record Relocation(long offset, LinkedSymbols.Symbol symbol, int type) {}

    /** Where a section of an object went. */
    record Place(Section section, long offset) {}

    private record Key(LinkInput object, int section) {}

    private final ByteOrder order;
    private final Map<String, Section> sections = new LinkedHashMap<>();
    private final Map<Key, Place> places = new HashMap<>();

    LinkedSections(ByteOrder order) {
        this.order = order;
    }

    ByteOrder order() {
        return order;
    }

    /** In the order of their numbers, from 1 on. */
    Iterable<Section> all() {
        return sections.values();
    }

    int count() {
        return sections.size();
    }

    Section byName(String name) {
        return sections.get(name);
    }

    /** Where a section went, or {@code null} if it was left behind. */
    Place place(LinkInput object, int section) {
        return places.get(new Key(object, section));
    }

    void add(LinkInput object) {
        for (ElfSection section : object.elf().sections()) {
            if (LinkInput.isKept(section)) {
                add(object, section);
            }
        }
    }

    private void add(LinkInput object, ElfSection from) {
        Where where = object.elf().where().inSection(from.name());
        Section to =
                sections.computeIfAbsent(
                        from.name(), name -> new Section(name, from.type(), sections.size() + 1));
        if (to.type != from.type()) {
            throw BpfException.malformed(
                    where,
                    "section has type "
                            + from.type()
                            + ", but in an object before it has type "
                            + to.type);
        }
        byte[] contents = object.elf().contents(from).copy();
        if (SHARED.contains(from.name()) && to.size != 0) {
            if (!Arrays.equals(contents, to.data.toByteArray())) {
                throw BpfException.malformed(
                        where, "differs from that of an object before, expected the same");
            }
            return;
        }
        long alignment = Math.max(1, from.alignment());
        if (alignment > LARGEST_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw BpfException.malformed(
                    where,
                    "alignment of "
                            + Long.toUnsignedString(alignment)
                            + ", expected a power of two up to "
                            + LARGEST_ALIGNMENT);
        }
        long offset = (to.size + alignment - 1) & -alignment;
        if (Long.compareUnsigned(from.size(), LARGEST - offset) > 0) {
            throw BpfException.limit(
                    where, "the linked section is larger than " + LARGEST + " bytes");
        }
        if (to.type != ElfSection.NOBITS) {
            to.data.writeBytes(new byte[(int) (offset - to.size)]);
            to.data.writeBytes(contents);
        }
        to.flags |= from.flags();
        to.alignment = Math.max(to.alignment, alignment);
        to.size = offset + from.size();
        places.put(new Key(object, from.index()), new Place(to, offset));
    }
}

package org.trufflebpf.object;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Maps from before BTF: structs in the section {@code maps} or {@code maps/<name>}. All begin with
 * type, key size, value size, entries and flags. What follows differs, and the size of a definition
 * (the distance of symbols) tells it: iproute2 and Aya have an id and pinning, iproute2 also the id
 * of the outer map and a slot in it, gobpf pinning and a namespace.
 */
final class LegacyMapReader {
    private static final int SMALLEST = 20;
    private static final int LARGEST = 280;
    private static final int WITH_PINNING = 28;
    private static final int WITH_INNER = 36;
    private static final int GOBPF = 280;

    private final ObjectFile file;
    private final MapTable maps;

    /** Maps by the id that iproute2 knows them by. */
    private final Map<Integer, Integer> ids = new HashMap<>();

    /** For a map-in-map the id that its inner maps name. */
    private final Map<Integer, Integer> outerIds = new HashMap<>();

    private LegacyMapReader(ObjectFile file, MapTable maps) {
        this.file = file;
        this.maps = maps;
    }

    /** Adds the maps of such sections; gives the maps by the id that iproute2 knows them by. */
    static Map<Integer, Integer> read(ObjectFile file, MapTable maps) {
        LegacyMapReader reader = new LegacyMapReader(file, maps);
        for (ElfSection section : file.elf.sections()) {
            boolean named = section.name().equals("maps") || section.name().startsWith("maps/");
            if (named
                    && section.type() == ElfSection.PROGBITS
                    && !section.isCode()
                    && section.size() != 0) {
                reader.section(section);
            }
        }
        reader.bindInner();
        return reader.ids;
    }

    private void section(ElfSection section) {
        List<ElfSymbol> symbols = new ArrayList<>();
        for (ElfSymbol symbol : file.elf.symbols()) {
            boolean variable =
                    symbol.type() == ElfSymbol.OBJECT || symbol.type() == ElfSymbol.NOTYPE;
            if (symbol.section() == section.index() && variable && !symbol.name().isEmpty()) {
                symbols.add(symbol);
            }
        }
        symbols.sort(Comparator.comparingLong(ElfSymbol::value));
        Where where = file.where(section);
        if (symbols.isEmpty()) {
            throw BpfException.malformed(
                    where, "no symbols for the map definitions in this section");
        }
        ByteView contents = file.contents(section);
        for (int i = 0; i < symbols.size(); i++) {
            ElfSymbol symbol = symbols.get(i);
            long end = i + 1 < symbols.size() ? symbols.get(i + 1).value() : section.size();
            long size = end - symbol.value();
            if (symbol.size() >= SMALLEST && symbol.size() < size) {
                // the last definition, or one before padding
                size = symbol.size();
            }
            if (size < SMALLEST || size > LARGEST || size % 4 != 0) {
                throw BpfException.malformed(
                        where,
                        "map '"
                                + symbol.name()
                                + "': definition of "
                                + size
                                + " bytes, expected a multiple of 4 from "
                                + SMALLEST
                                + " to "
                                + LARGEST);
            }
            map(
                    symbol,
                    contents.slice(symbol.value(), size, "map '" + symbol.name() + "'"),
                    section);
        }
    }

    private void map(ElfSymbol symbol, ByteView definition, ElfSection section) {
        MapType type = MapType.of(definition.s32(0));
        if (type == null || type == MapType.UNSPEC) {
            throw definition.malformed(
                    "map '" + symbol.name() + "': unknown map type " + definition.u32(0));
        }
        int size = definition.length();
        boolean named = size == WITH_PINNING || size == WITH_INNER;
        boolean gobpf = size == GOBPF;
        int known = named ? size : gobpf ? GOBPF : SMALLEST;
        for (int at = known; at < size; at++) {
            if (definition.u8(at) != 0) {
                throw BpfException.unsupported(
                        definition.where(),
                        "map '"
                                + symbol.name()
                                + "': unknown field at offset "
                                + at
                                + " of a definition of "
                                + size
                                + " bytes is not zero");
            }
        }
        int pinning = named ? definition.s32(24) : gobpf ? definition.s32(20) : 0;
        MapSpec map =
                new MapSpec(
                        symbol.name(),
                        type,
                        definition.s32(4),
                        definition.s32(8),
                        definition.s32(12),
                        definition.s32(16),
                        0,
                        -1,
                        pinning != 0,
                        0,
                        0,
                        null,
                        List.of(),
                        null,
                        MapSpec.Kind.DECLARED);
        int index = maps.add(map, section, symbol.value());
        if (named && definition.s32(20) != 0) {
            ids.putIfAbsent(definition.s32(20), index);
        }
        if (size == WITH_INNER && definition.s32(28) != 0) {
            outerIds.put(index, definition.s32(28));
        }
    }

    /** iproute2: a map-in-map names its inner map's id, which is the template. */
    private void bindInner() {
        outerIds.forEach(
                (index, id) -> {
                    Integer inner = ids.get(id);
                    if (inner != null && maps.maps().get(index).type().isMapInMap()) {
                        maps.setInner(index, maps.maps().get(inner));
                    }
                });
    }
}

package org.trufflebpf.object;

import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The maps of an object while it is read, in the order of {@link ObjectSpec#maps()}, and where they
 * were declared, so that a relocation finds them.
 */
final class MapTable {
    private record Place(int section, long offset) {}

    private final List<MapSpec> maps = new ArrayList<>();
    private final Map<Place, Integer> declared = new HashMap<>();
    private final Map<Integer, Integer> data = new HashMap<>();
    private final Map<String, Integer> names = new HashMap<>();

    List<MapSpec> maps() {
        return maps;
    }

    /** Adds a map declared at an offset of a section. */
    int add(MapSpec map, ElfSection section, long offset) {
        declared.putIfAbsent(new Place(section.index(), offset), maps.size());
        return add(map);
    }

    /** Adds the map that stands for a whole section. */
    void addData(MapSpec map, ElfSection section) {
        data.put(section.index(), maps.size());
        add(map);
    }

    int add(MapSpec map) {
        names.putIfAbsent(map.name(), maps.size());
        maps.add(map);
        return maps.size() - 1;
    }

    /** Index of a map by name, or -1. */
    int byName(String name) {
        return names.getOrDefault(name, -1);
    }

    /** Sets the static initial values of a map. */
    void setSlots(int index, List<MapSpec.Slot> slots) {
        maps.set(index, maps.get(index).withSlots(slots));
    }

    /** Adds to the initial values of a map. */
    void addSlots(int index, List<MapSpec.Slot> slots) {
        List<MapSpec.Slot> all = new ArrayList<>(maps.get(index).slots());
        all.addAll(slots);
        setSlots(index, all);
    }

    void setInner(int index, MapSpec inner) {
        maps.set(index, maps.get(index).withInner(inner));
    }

    /**
     * Makes a section the globals of an arena: references into it are references into the arena.
     */
    void bindArena(int index, ElfSection section, byte[] globals) {
        maps.set(index, maps.get(index).withData(globals));
        data.put(section.index(), index);
    }

    /** The map that a symbol and an addend mean, or {@code null} if the place holds none. */
    Reference find(ElfSymbol symbol, long addend) {
        Integer dataMap = data.get(symbol.section());
        if (dataMap != null) {
            return new Reference.ToValue(dataMap, (int) (symbol.value() + addend));
        }
        Integer map = declared.get(new Place(symbol.section(), symbol.value() + addend));
        return map == null ? null : new Reference.ToMap(map);
    }
}

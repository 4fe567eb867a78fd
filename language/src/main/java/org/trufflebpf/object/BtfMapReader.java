package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Maps declared in {@code .maps}: each is a variable of an anonymous struct whose members are the
 * attributes. A number is written as a pointer to an array of so many elements ({@code __uint}), a
 * type as a pointer to it ({@code __type}).
 */
final class BtfMapReader {
    static final String SECTION = ".maps";
    private static final int PAGE = 4096;

    private final ObjectFile file;
    private final Btf btf;
    private final Where where;

    private BtfMapReader(ObjectFile file, ElfSection section) {
        this.file = file;
        this.btf = file.btf;
        this.where = file.where(section);
    }

    static void read(ObjectFile file, MapTable maps) {
        ElfSection section = file.elf.section(SECTION);
        if (section == null || section.size() == 0) {
            return;
        }
        Where where = file.where(section);
        int id = file.btf == null ? 0 : file.btf.find(SECTION, BtfKind.DATASEC);
        if (id == 0 || !(file.btf.type(id) instanceof BtfType.Datasec datasec)) {
            throw BpfException.malformed(
                    where, "DATASEC '.maps' not found in the BTF; compile with -g");
        }
        BtfMapReader reader = new BtfMapReader(file, section);
        for (BtfType.VarInfo info : datasec.vars()) {
            maps.add(reader.map(info, section), section, info.offset());
        }
    }

    private MapSpec map(BtfType.VarInfo info, ElfSection section) {
        if (!(btf.type(info.type()) instanceof BtfType.Var variable) || variable.name().isEmpty()) {
            throw fail(
                    "map at offset " + info.offset(),
                    "BTF type " + info.type() + " is no variable with a name");
        }
        if (variable.linkage() == BtfType.Var.EXTERN) {
            throw fail(variable.name(), "unsupported map linkage extern");
        }
        if (!(btf.resolve(variable.type()) instanceof BtfType.Composite definition)
                || definition.kind() != BtfKind.STRUCT) {
            throw fail(
                    variable.name(),
                    "unexpected def kind " + label(variable.type()) + ", expected struct");
        }
        if (definition.size() > info.size() || info.offset() + info.size() > section.size()) {
            throw fail(variable.name(), "invalid def size");
        }
        return new Definition(variable.name(), definition, false).read();
    }

    private String label(int type) {
        return btf.resolve(type).kind().label();
    }

    private BpfException fail(String map, String message) {
        return BpfException.malformed(where, "map '" + map + "': " + message);
    }

    /** The attributes of one map while they are collected. */
    private final class Definition {
        private final String name;
        private final BtfType.Composite struct;
        private final boolean isInner;
        private int type;
        private long keySize;
        private long valueSize;
        private int keyType;
        private int valueType;
        private int maxEntries;
        private int flags;
        private long extra;
        private int numaNode = -1;
        private boolean pinned;
        private MapSpec inner;

        Definition(String name, BtfType.Composite struct, boolean isInner) {
            this.name = name;
            this.struct = struct;
            this.isInner = isInner;
        }

        MapSpec read() {
            for (BtfType.Member member : struct.members()) {
                attribute(member);
            }
            MapType mapType = MapType.of(type);
            if (mapType == MapType.UNSPEC) {
                throw fail(name, "map type isn't specified");
            }
            if (mapType == null) {
                throw BpfException.unsupported(
                        where,
                        "map '"
                                + name
                                + "': map type "
                                + Integer.toUnsignedString(type)
                                + " is unknown");
            }
            boolean ring = mapType == MapType.RINGBUF || mapType == MapType.USER_RINGBUF;
            return new MapSpec(
                    name,
                    mapType,
                    (int) keySize,
                    (int) valueSize,
                    ring ? ringSize(maxEntries) : maxEntries,
                    flags,
                    extra,
                    numaNode,
                    pinned,
                    keyType,
                    valueType,
                    inner,
                    List.of(),
                    null,
                    MapSpec.Kind.DECLARED);
        }

        private void attribute(BtfType.Member member) {
            switch (member.name()) {
                case "type" -> type = number(member);
                case "max_entries" -> maxEntries = number(member);
                case "map_flags" -> flags = number(member);
                case "numa_node" -> numaNode = number(member);
                case "map_extra" -> extra = longNumber(member);
                case "key_size" ->
                        keySize = agree("key", keySize, Integer.toUnsignedLong(number(member)));
                case "value_size" ->
                        valueSize =
                                agree("value", valueSize, Integer.toUnsignedLong(number(member)));
                case "key" -> {
                    keyType = target(member);
                    keySize = agree("key", keySize, size(keyType, "key"));
                }
                case "value" -> {
                    valueType = target(member);
                    valueSize = agree("value", valueSize, size(valueType, "value"));
                }
                case "pinning" -> pinned = pinning(member);
                case "values" -> values(member);
                default ->
                        throw BpfException.unsupported(
                                where, "map '" + name + "': unknown field '" + member.name() + "'");
            }
        }

        private boolean pinning(BtfType.Member member) {
            int value = number(member);
            if (isInner) {
                throw fail(name, "inner def can't be pinned");
            }
            if (value != 0 && value != 1) {
                throw fail(
                        name,
                        "invalid pinning value "
                                + Integer.toUnsignedString(value)
                                + ", expected 0 or 1");
            }
            return value == 1;
        }

        private void values(BtfType.Member member) {
            MapType mapType = MapType.of(type);
            boolean maps = mapType != null && mapType.isMapInMap();
            if (isInner) {
                throw fail(name, "multi-level inner maps not supported");
            }
            if (!member.equals(struct.members().getLast())) {
                throw fail(name, "'values' member should be last");
            }
            if (!maps && mapType != MapType.PROG_ARRAY) {
                throw fail(name, "should be map-in-map or prog-array to have 'values'");
            }
            valueSize = agree("value", valueSize, 4);
            if (!(btf.type(member.type()) instanceof BtfType.Array array) || array.count() != 0) {
                throw fail(name, "'values' is not a zero-sized array");
            }
            if (!(btf.resolve(array.element()) instanceof BtfType.Ptr pointer)) {
                throw fail(
                        name,
                        "'values' is of unexpected kind "
                                + label(array.element())
                                + ", expected ptr");
            }
            BtfType element = btf.resolve(pointer.target());
            if (!maps) {
                if (element.kind() != BtfKind.FUNC_PROTO) {
                    throw fail(
                            name,
                            "prog-array value def is of unexpected kind " + element.kind().label());
                }
                return;
            }
            if (!(element instanceof BtfType.Composite definition)
                    || element.kind() != BtfKind.STRUCT) {
                throw fail(
                        name,
                        "map-in-map inner def is of unexpected kind " + element.kind().label());
            }
            inner = new Definition(name + ".inner", definition, true).read();
        }

        private int number(BtfType.Member member) {
            if (!(btf.resolve(member.type()) instanceof BtfType.Ptr pointer)) {
                throw fail(
                        name,
                        "attr '" + member.name() + "': expected PTR, got " + label(member.type()));
            }
            if (!(btf.type(pointer.target()) instanceof BtfType.Array array)) {
                throw fail(
                        name,
                        "attr '"
                                + member.name()
                                + "': expected ARRAY, got "
                                + label(pointer.target()));
            }
            return (int) array.count();
        }

        private long longNumber(BtfType.Member member) {
            if (btf.resolve(member.type()) instanceof BtfType.Enumeration enumeration) {
                if (enumeration.values().size() != 1) {
                    throw fail(name, "attr '" + member.name() + "': invalid __ulong");
                }
                return enumeration.values().getFirst().value();
            }
            return Integer.toUnsignedLong(number(member));
        }

        private int target(BtfType.Member member) {
            if (!(btf.type(member.type()) instanceof BtfType.Ptr pointer)) {
                throw fail(name, member.name() + " spec is not PTR: " + label(member.type()));
            }
            return pointer.target();
        }

        private long size(int id, String what) {
            long size = btf.sizeOf(id);
            if (size < 0 || size > Integer.MAX_VALUE) {
                throw fail(name, "can't determine " + what + " size for type [" + id + "]");
            }
            return size;
        }

        private long agree(String what, long known, long found) {
            if (known != 0 && known != found) {
                throw fail(name, "conflicting " + what + " size " + known + " != " + found);
            }
            return found;
        }
    }

    /**
     * The smallest power of two of pages that is not less, as libbpf makes ring buffers fit the
     * kernel's rule.
     */
    static int ringSize(int entries) {
        long size = Integer.toUnsignedLong(entries);
        if (size == 0 || (size % PAGE == 0 && Long.bitCount(size) == 1)) {
            return entries;
        }
        for (long fit = PAGE; fit <= 0xffff_ffffL; fit <<= 1) {
            if (fit > size) {
                return (int) fit;
            }
        }
        return entries;
    }

    /** Static initial values: relocations of the {@code values} member to maps or programs. */
    static void readSlots(ObjectFile file, MapTable maps, FunctionTable functions) {
        ElfSection section = file.elf.section(SECTION);
        if (section == null || file.btf == null || maps.maps().isEmpty()) {
            return;
        }
        int id = file.btf.find(SECTION, BtfKind.DATASEC);
        if (id != 0 && file.btf.type(id) instanceof BtfType.Datasec datasec) {
            new BtfMapReader(file, section).slots(section, datasec, maps, functions);
        }
    }

    private void slots(
            ElfSection section, BtfType.Datasec datasec, MapTable maps, FunctionTable functions) {
        NavigableMap<Long, BtfType.VarInfo> places = new TreeMap<>();
        for (BtfType.VarInfo info : datasec.vars()) {
            places.putIfAbsent(info.offset(), info);
        }
        Map<Integer, List<MapSpec.Slot>> slots = new TreeMap<>();
        for (ElfRelocation relocation : file.relocations(section)) {
            String target = relocation.symbol().name();
            Map.Entry<Long, BtfType.VarInfo> place = places.floorEntry(relocation.offset());
            if (place == null || relocation.offset() - place.getKey() >= place.getValue().size()) {
                throw BpfException.malformed(
                        where,
                        "cannot find the map at offset "
                                + relocation.offset()
                                + " that refers to '"
                                + target
                                + "'");
            }
            BtfType.Var variable = (BtfType.Var) btf.type(place.getValue().type());
            int index = maps.byName(variable.name());
            long key = slotKey(variable, relocation.offset() - place.getKey(), target);
            checkTarget(maps.maps().get(index), relocation, maps, functions);
            slots.computeIfAbsent(index, map -> new ArrayList<>())
                    .add(new MapSpec.Slot((int) key, target));
        }
        slots.forEach(maps::setSlots);
    }

    private long slotKey(BtfType.Var variable, long offset, String target) {
        BtfType.Composite struct = (BtfType.Composite) btf.resolve(variable.type());
        BtfType.Member values = struct.members().isEmpty() ? null : struct.members().getLast();
        long inValues = values == null ? -1 : offset - values.bitOffset() / 8;
        if (values == null
                || !values.name().equals("values")
                || inValues < 0
                || inValues % 8 != 0) {
            throw fail(
                    variable.name(),
                    "relocation of '" + target + "' at offset " + offset + " is not in 'values'");
        }
        return inValues / 8;
    }

    private void checkTarget(
            MapSpec map, ElfRelocation relocation, MapTable maps, FunctionTable functions) {
        String target = relocation.symbol().name();
        if (map.type().isMapInMap()) {
            if (maps.byName(target) < 0) {
                throw fail(map.name(), "'" + target + "' isn't a valid map reference");
            }
            if (map.type() == MapType.HASH_OF_MAPS && map.keySize() != 4) {
                throw fail(
                        map.name(), "hash-of-maps should have key size 4 to have initial values");
            }
            return;
        }
        ElfSection code = file.sectionOf(relocation.symbol());
        Function function = functions.at(code, relocation.symbol().value() / Function.SLOT);
        if (map.type() != MapType.PROG_ARRAY || function == null || !function.program()) {
            throw fail(map.name(), "'" + target + "' isn't an entry-point program");
        }
    }
}

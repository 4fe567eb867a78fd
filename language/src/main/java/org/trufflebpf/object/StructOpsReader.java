package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The variables of {@code .struct_ops} and {@code .struct_ops.link}: each is a map of type
 * struct_ops whose value is the struct as it stands in the file, its function pointers named by the
 * map's slots. Also the arena's globals.
 */
final class StructOpsReader {
    private static final List<String> SECTIONS =
            List.of(".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link");
    private static final String ARENA = ".addr_space.1";

    private final ObjectFile file;
    private final Btf btf;
    private final MapTable maps;
    private final FunctionTable functions;

    private StructOpsReader(ObjectFile file, MapTable maps, FunctionTable functions) {
        this.file = file;
        this.btf = file.btf;
        this.maps = maps;
        this.functions = functions;
    }

    static void read(ObjectFile file, MapTable maps, FunctionTable functions) {
        StructOpsReader reader = new StructOpsReader(file, maps, functions);
        for (String name : SECTIONS) {
            ElfSection section = file.elf.section(name);
            if (section != null && section.type() == ElfSection.PROGBITS && section.size() != 0) {
                reader.section(section);
            }
        }
        ElfSection arena = file.elf.section(ARENA);
        if (arena != null && arena.size() != 0) {
            reader.arena(arena);
        }
    }

    private void section(ElfSection section) {
        Where where = file.where(section);
        int id = btf == null ? 0 : btf.find(section.name(), BtfKind.DATASEC);
        if (id == 0 || !(btf.type(id) instanceof BtfType.Datasec datasec)) {
            throw BpfException.malformed(
                    where, "DATASEC " + section.name() + " not found in the BTF; compile with -g");
        }
        NavigableMap<Long, Integer> places = new TreeMap<>();
        int flags = section.name().endsWith(".link") ? MapFlags.BPF_F_LINK : 0;
        ByteView contents = file.contents(section);
        for (BtfType.VarInfo info : datasec.vars()) {
            if (!(btf.type(info.type()) instanceof BtfType.Var variable)
                    || !(btf.resolve(variable.type()) instanceof BtfType.Composite struct)
                    || struct.kind() != BtfKind.STRUCT
                    || struct.name().isEmpty()) {
                throw BpfException.malformed(
                        where,
                        "'"
                                + btf.name(info.type())
                                + "' is not a variable of a struct with a name");
            }
            byte[] data =
                    contents.slice(info.offset(), struct.size(), "struct '" + struct.name() + "'")
                            .copy();
            MapSpec map =
                    new MapSpec(
                            variable.name(),
                            MapType.STRUCT_OPS,
                            4,
                            (int) struct.size(),
                            1,
                            flags,
                            0,
                            -1,
                            false,
                            0,
                            struct.id(),
                            null,
                            List.of(),
                            data,
                            MapSpec.Kind.DECLARED);
            places.put(info.offset(), maps.add(map, section, info.offset()));
        }
        slots(section, places);
    }

    private void slots(ElfSection section, NavigableMap<Long, Integer> places) {
        Map<Integer, List<MapSpec.Slot>> slots = new TreeMap<>();
        for (ElfRelocation relocation : file.relocations(section)) {
            Map.Entry<Long, Integer> place = places.floorEntry(relocation.offset());
            long offset = place == null ? -1 : relocation.offset() - place.getKey();
            if (place == null || offset >= maps.maps().get(place.getValue()).valueSize()) {
                throw BpfException.malformed(
                        file.where(section),
                        "no variable at offset " + relocation.offset() + ", which is relocated");
            }
            ElfSection code = file.sectionOf(relocation.symbol());
            Function function = functions.at(code, relocation.symbol().value() / Function.SLOT);
            if (function == null) {
                file.warn(
                        "section '"
                                + section.name()
                                + "': the address of '"
                                + file.describe(relocation.symbol())
                                + "' is not filled in: data is not relocated, as libbpf does not");
                continue;
            }
            slots.computeIfAbsent(place.getValue(), map -> new ArrayList<>())
                    .add(new MapSpec.Slot((int) offset, function.name()));
        }
        slots.forEach(maps::setSlots);
    }

    private void arena(ElfSection section) {
        for (int i = 0; i < maps.maps().size(); i++) {
            if (maps.maps().get(i).type() == MapType.ARENA) {
                maps.bindArena(i, section, file.contents(section).copy());
                return;
            }
        }
        throw BpfException.malformed(
                file.where(section),
                "to use global __arena variables the ARENA map should be declared in '.maps'");
    }
}

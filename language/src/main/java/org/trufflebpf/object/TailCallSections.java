package org.trufflebpf.object;

import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Programs whose section names the slot of a prog array that they go into, as loaders other than
 * libbpf have it: {@code id/slot} of iproute2, where the map's definition has that id; {@code
 * map/slot}; {@code tail-slot}, and {@code anything/slot}, of an object with a single prog array.
 * Numbers are decimal or, after {@code 0x}, hexadecimal. Section names that libbpf knows mean what
 * they mean there.
 */
final class TailCallSections {
    /** Made when the first such section comes; most objects have none. */
    private static final class Names {
        private static final String NUMBER = "(0x[0-9a-fA-F]{1,7}|[0-9]{1,9})";
        static final Pattern BY_ID = Pattern.compile(NUMBER + "/" + NUMBER);
        static final Pattern BY_NAME = Pattern.compile("([A-Za-z_]\\w*)/" + NUMBER);
        static final Pattern TAIL = Pattern.compile("tail-" + NUMBER);
    }

    private final MapTable maps;

    /** Maps by the id that iproute2 knows them by. */
    private final Map<Integer, Integer> ids;

    private final Set<String> bound = new HashSet<>();

    private TailCallSections(MapTable maps, Map<Integer, Integer> ids) {
        this.maps = maps;
        this.ids = ids;
    }

    /** Fills the slots of the maps; gives the bound programs' names. */
    static Set<String> bind(MapTable maps, FunctionTable functions, Map<Integer, Integer> ids) {
        TailCallSections sections = new TailCallSections(maps, ids);
        Map<Integer, List<MapSpec.Slot>> slots = new TreeMap<>();
        for (Function function : functions.all()) {
            String section = function.section().name();
            if (function.program() && SectionTable.find(section) == null) {
                sections.slot(section, function.name(), slots);
            }
        }
        slots.forEach(maps::addSlots);
        return sections.bound;
    }

    /** Such sections name no program type: these programs have that of the others, if it is one. */
    static List<ProgramSpec> typed(List<ProgramSpec> programs, Set<String> bound) {
        List<ProgramSpec> models =
                programs.stream().filter(program -> program.type() != ProgramType.UNSPEC).toList();
        if (models.stream().map(ProgramSpec::type).distinct().count() != 1) {
            return programs;
        }
        ProgramSpec model = models.getFirst();
        return programs.stream()
                .map(
                        program ->
                                bound.contains(program.name())
                                                && program.type() == ProgramType.UNSPEC
                                        ? program.withType(model.type(), model.attachType())
                                        : program)
                .toList();
    }

    private void slot(String section, String program, Map<Integer, List<MapSpec.Slot>> slots) {
        Matcher byId = Names.BY_ID.matcher(section);
        Matcher byName = Names.BY_NAME.matcher(section);
        Matcher tail = Names.TAIL.matcher(section);
        int map;
        String slot;
        if (byId.matches()) {
            map = ids.getOrDefault(number(byId.group(1)), -1);
            slot = byId.group(2);
        } else if (byName.matches()) {
            int named = maps.byName(byName.group(1));
            map = isProgArray(named) ? named : onlyProgArray();
            slot = byName.group(2);
        } else if (tail.matches()) {
            map = onlyProgArray();
            slot = tail.group(1);
        } else {
            return;
        }
        if (isProgArray(map)) {
            slots.computeIfAbsent(map, index -> new ArrayList<>())
                    .add(new MapSpec.Slot(number(slot), program));
            bound.add(program);
        }
    }

    private boolean isProgArray(int map) {
        return map >= 0 && maps.maps().get(map).type() == MapType.PROG_ARRAY;
    }

    private int onlyProgArray() {
        int only = -1;
        for (int i = 0; i < maps.maps().size(); i++) {
            if (isProgArray(i)) {
                if (only >= 0) {
                    return -1;
                }
                only = i;
            }
        }
        return only;
    }

    private static int number(String text) {
        return text.startsWith("0x")
                ? Integer.parseInt(text.substring(2), 16)
                : Integer.parseInt(text);
    }
}

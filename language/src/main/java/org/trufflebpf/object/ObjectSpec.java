package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;

import java.nio.ByteOrder;
import java.util.List;

/**
 * Everything an object file says, and nothing else: the same bytes always give the same
 * specification.
 *
 * @param name the file's name, for messages
 * @param order byte order of the object and of the memory of its programs
 * @param license text of the {@code license} section, empty if there is none
 * @param version the {@code version} section, or 0
 * @param btf the {@code .BTF} section, or {@code null}
 * @param programs the programs in the order of the file
 * @param maps declared maps first, in the order of the file, then the data sections
 * @param warnings what a loader would print: one line each
 * @param kconfig the variables of the map {@code .kconfig}, in the order of their places
 */
public record ObjectSpec(
        String name,
        ByteOrder order,
        String license,
        int version,
        Btf btf,
        List<ProgramSpec> programs,
        List<MapSpec> maps,
        List<String> warnings,
        List<KconfigVar> kconfig) {
    public ObjectSpec {
        programs = List.copyOf(programs);
        maps = List.copyOf(maps);
        warnings = List.copyOf(warnings);
        kconfig = List.copyOf(kconfig);
    }

    /** An object without {@code __kconfig} externs. */
    public ObjectSpec(
            String name,
            ByteOrder order,
            String license,
            int version,
            Btf btf,
            List<ProgramSpec> programs,
            List<MapSpec> maps,
            List<String> warnings) {
        this(name, order, license, version, btf, programs, maps, warnings, List.of());
    }

    /** The same object with other maps in the places of its own. */
    public ObjectSpec withMaps(List<MapSpec> newMaps) {
        return new ObjectSpec(
                name, order, license, version, btf, programs, newMaps, warnings, kconfig);
    }

    /** The program of that name, or {@code null}. */
    public ProgramSpec program(String programName) {
        return programs.stream()
                .filter(program -> program.name().equals(programName))
                .findFirst()
                .orElse(null);
    }

    /** Index of the map of that name, or -1. */
    public int mapIndex(String mapName) {
        for (int i = 0; i < maps.size(); i++) {
            if (maps.get(i).name().equals(mapName)) {
                return i;
            }
        }
        return -1;
    }
}

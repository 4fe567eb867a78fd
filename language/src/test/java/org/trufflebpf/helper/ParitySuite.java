package org.trufflebpf.helper;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.kernel.FixtureCase;
import org.trufflebpf.object.ExternRef;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The parity suite: the programs of the fixtures for which the kernel's outcome is recorded. Counts
 * for each row of the tables (program type, map type, helper, kernel function) how many of them use
 * it, by their instructions.
 */
final class ParitySuite {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    private final Set<String> programs = new TreeSet<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private ParitySuite() {}

    static ParitySuite read() {
        ParitySuite suite = new ParitySuite();
        for (Path json : FixtureCase.files(FIXTURES)) {
            FixtureCase.File file = FixtureCase.File.read(json);
            Set<String> recorded =
                    file.cases().stream()
                            .filter(FixtureCase::kernel)
                            .map(FixtureCase::program)
                            .collect(Collectors.toSet());
            if (!recorded.isEmpty()) {
                suite.add(json.resolveSibling(file.object()), recorded, file);
            }
        }
        return suite;
    }

    private void add(Path path, Set<String> recorded, FixtureCase.File file) {
        ObjectSpec object;
        try {
            object = ObjectReader.read(path.toString(), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (ProgramSpec program : object.programs()) {
            if (recorded.contains(program.name())) {
                programs.add(path + " " + program.name());
                Set<String> rows = rows(object, program);
                file.cases().stream()
                        .filter(c -> c.kernel() && c.program().equals(program.name()))
                        .forEach(c -> rows.add("type " + c.type()));
                rows.forEach(row -> counts.merge(row, 1, Integer::sum));
            }
        }
    }

    private static Set<String> rows(ObjectSpec object, ProgramSpec program) {
        Set<String> rows = new HashSet<>();
        for (Insn insn : program.insns()) {
            if (insn.opcode().kind() == Opcode.Kind.CALL_HELPER) {
                HelperRow row = HelperTable.row(insn.imm());
                if (row != null) {
                    rows.add(row.fullName());
                }
            } else if (insn.mapIndex() >= 0) {
                rows.add("map " + object.maps().get(insn.mapIndex()).type().label());
            }
        }
        for (ExternRef extern : program.externs()) {
            rows.add(extern.name());
        }
        return rows;
    }

    /** The number of programs. */
    int size() {
        return programs.size();
    }

    /** How many use a map type, by its label. */
    int ofMap(String label) {
        return counts.getOrDefault("map " + label, 0);
    }

    /** How many call a helper or kernel function, by its full name. */
    int ofFunction(String name) {
        return counts.getOrDefault(name, 0);
    }

    /** How many are of a program type, by its label. */
    int ofType(String label) {
        return counts.getOrDefault("type " + label, 0);
    }
}

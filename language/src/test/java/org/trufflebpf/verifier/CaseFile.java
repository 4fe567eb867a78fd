package org.trufflebpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file of cases.
 *
 * <pre>
 * === name of a rule
 * type xdp
 * map m hash 4 8 16
 * ---
 *     r0 = *($size *)(r1 + $off)
 *     exit
 * ---
 * size | off
 * u32  | 0   =&gt; accept
 * u64  | 0   =&gt; reject EACCES invalid bpf_context access off=0 size=8
 * </pre>
 *
 * Each row of the table fills the holes of the program and is a case. A block without holes has one
 * row without columns. Headers: {@code type}, {@code attach} (number), {@code license}, {@code
 * target} (what it is attached to; of struct_ops {@code struct.member}), {@code sleepable}, {@code
 * exception} (a function for what is thrown), {@code map name type key value entries
 * field@offset...}, {@code struct name size field@offset...} (see {@link CaseTypes}).
 */
final class CaseFile {
    static final Path DIRECTORY = Path.of("src/test/resources/verifier");

    private final Path path;
    private final List<String> lines;
    private final List<VerifierCase> cases = new ArrayList<>();

    private CaseFile(Path path) {
        this.path = path;
        try {
            this.lines = new ArrayList<>(Files.readAllLines(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int at = 0;
        while (at < lines.size()) {
            at = lines.get(at).startsWith("=== ") ? block(at) : at + 1;
        }
    }

    static List<CaseFile> all() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".cases"))
                    .sorted()
                    .map(CaseFile::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<VerifierCase> allCases() {
        return all().stream().flatMap(file -> file.cases.stream());
    }

    List<VerifierCase> cases() {
        return cases;
    }

    private int block(int start) {
        String name = lines.get(start).substring(4).strip();
        List<String> headers = new ArrayList<>();
        int at = start + 1;
        for (; !lines.get(at).equals("---"); at++) {
            headers.add(lines.get(at).strip());
        }
        StringBuilder program = new StringBuilder();
        for (at++; !lines.get(at).equals("---"); at++) {
            program.append(lines.get(at)).append('\n');
        }
        at++;
        String[] columns = {};
        if (program.indexOf("$") >= 0 || headers.stream().anyMatch(line -> line.contains("$"))) {
            columns = cells(lines.get(at++));
        }
        for (; at < lines.size() && lines.get(at).contains("=>"); at++) {
            String line = lines.get(at);
            int arrow = line.lastIndexOf("=>");
            String[] cells = columns.length == 0 ? columns : cells(line.substring(0, arrow));
            if (cells.length != columns.length) {
                throw new IllegalArgumentException(path + ":" + (at + 1) + ": " + line);
            }
            Map<String, String> row = new TreeMap<>(Comparator.reverseOrder());
            for (int i = 0; i < cells.length; i++) {
                row.put(columns[i], cells[i]);
            }
            String text = program.toString();
            String full = name;
            for (Map.Entry<String, String> hole : row.entrySet()) {
                text = text.replace("$" + hole.getKey(), hole.getValue());
            }
            for (String cell : cells) {
                full += ", " + cell;
            }
            List<String> filled = new ArrayList<>();
            for (String header : headers) {
                for (Map.Entry<String, String> hole : row.entrySet()) {
                    header = header.replace("$" + hole.getKey(), hole.getValue());
                }
                filled.add(header);
            }
            cases.add(
                    new VerifierCase(
                            path.getFileName().toString().replace(".cases", ""),
                            full,
                            filled,
                            text,
                            VerifierCase.Verdict.parse(line.substring(arrow + 2)),
                            at));
        }
        return at;
    }

    private static String[] cells(String line) {
        return Stream.of(line.split("\\|(?!=)", -1)).map(String::strip).toArray(String[]::new);
    }

    /** Puts a verdict in its place. */
    void record(VerifierCase single, VerifierCase.Verdict verdict) {
        String line = lines.get(single.line());
        lines.set(single.line(), line.substring(0, line.lastIndexOf("=>")) + "=> " + verdict);
    }

    void write() {
        try {
            Files.writeString(path, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

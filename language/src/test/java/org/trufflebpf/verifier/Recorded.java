package org.trufflebpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Files of lines {@code key => value}: the kernel's verdicts on the corpus, and the known
 * differences.
 */
final class Recorded {
    static final Path CORPUS = Path.of("src/test/corpus");
    static final Path VERDICTS = CORPUS.resolve("verdicts.txt");
    static final Path DIFFERENCES = Path.of("src/test/resources/verifier/known-differences.txt");

    private Recorded() {}

    static Map<String, String> read(Path file) {
        try {
            Map<String, String> lines = new LinkedHashMap<>();
            for (String line : Files.readAllLines(file)) {
                int arrow = line.indexOf(" => ");
                if (!line.startsWith("#") && arrow >= 0) {
                    lines.put(line.substring(0, arrow), line.substring(arrow + 4));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, Map<String, String> lines) {
        try {
            Files.writeString(
                    file,
                    lines.entrySet().stream()
                            .map(line -> line.getKey() + " => " + line.getValue() + "\n")
                            .collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

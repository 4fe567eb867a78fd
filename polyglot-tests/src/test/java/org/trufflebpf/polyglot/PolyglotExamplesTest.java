package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.testing.ChildJvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The examples in other languages print what {@code examples/README.md} shows, each in a JVM of its
 * own, with the real GraalJS, GraalPy and GraalWasm.
 */
class PolyglotExamplesTest {
    private static final Pattern BLOCK =
            Pattern.compile("(?s)```console\n\\$ bin/polyglot ([^\n]*)\n(.*?)```");

    @TempDir private Path directory;

    /** Arguments of {@code bin/polyglot}, and what is printed. */
    record Example(List<String> arguments, String output) {
        @Override
        public String toString() {
            return String.join(" ", arguments);
        }
    }

    static Stream<Example> examples() throws IOException {
        Matcher blocks =
                BLOCK.matcher(Files.readString(Polyglot.ROOT.resolve("examples/README.md")));
        return blocks.results()
                .map(block -> new Example(List.of(block.group(1).split(" ")), block.group(2)));
    }

    @Test
    void eachLanguageHasAnExample() throws IOException {
        assertEquals(
                List.of("java", "js", "py", "wasm"),
                examples()
                        .map(example -> example.arguments().getFirst())
                        .map(file -> file.substring(file.lastIndexOf('.') + 1))
                        .sorted()
                        .distinct()
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void printsWhatTheReadmeShows(Example example) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        if (!example.arguments().getFirst().endsWith(".java")) {
            line.add("examples/polyglot/Run.java");
        }
        line.addAll(example.arguments());
        assertEquals(example.output(), ChildJvm.run(Polyglot.ROOT, directory, line, 5));
    }
}

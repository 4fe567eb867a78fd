package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // as bin/polyglot, with the classes of this JVM
        line.addAll(
                List.of(
                        "-XX:+UnlockExperimentalVMOptions",
                        "-XX:+EnableJVMCI",
                        "--upgrade-module-path",
                        System.getProperty("jdk.module.upgrade.path"),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path",
                                System.getProperty("java.class.path"))));
        if (!example.arguments().getFirst().endsWith(".java")) {
            line.add("examples/polyglot/Run.java");
        }
        line.addAll(example.arguments());
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(line)
                        .directory(Polyglot.ROOT.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertEquals(example.output(), text);
        assertEquals(0, process.exitValue());
    }
}

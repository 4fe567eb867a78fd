package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The launcher under the rules of an image: what our classes compute when they are initialized, on
 * the build machine, does not show in what commands print on another.
 */
class EarlyInitializationTest {
    @TempDir private Path directory;

    @Test
    void commandsPrintTheSameAfterInitializationAtBuildTime()
            throws IOException, InterruptedException {
        String late = run("late");
        assertTrue(late.contains("hello: 0"), late);
        assertEquals(late, run("early"));
    }

    private String run(String when) throws IOException, InterruptedException {
        Path output = directory.resolve(when);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                EarlyInitialization.class.getName(),
                                when,
                                "build-tools/training.txt",
                                "language/target/classes",
                                "launcher/target/classes")
                        .directory(Path.of("..").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        return masked(text);
    }

    /** Without what differs from run to run: times, also the time of the kernel's trace line. */
    private static String masked(String text) {
        List<String> lines =
                text.lines()
                        .map(line -> line.replaceAll("\\d+\\.\\d{6}: bpf_trace_printk", "trace"))
                        .map(line -> line.replaceAll("[\\d.,]+ (ns|us|ms|s)\\b", "time"))
                        .map(line -> line.replaceAll("\"(duration|\\w+_ns)\": ?[\\d.]+", "time"))
                        .toList();
        return String.join("\n", lines);
    }
}

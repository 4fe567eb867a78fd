package org.trufflebpf.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.annotations.State;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the {@link Races} for a second each, in JVMs of their own; the system property {@code
 * trufflebpf.stress.millis} sets another time.
 */
class StressTest {
    @TempDir private Path directory;

    @Test
    void racesHaveTheOutcomesOfTheKernel() throws IOException, InterruptedException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-cp", classPath, "org.openjdk.jcstress.Main"));
        line.addAll(List.of("-t", "org.trufflebpf.stress", "-r", directory.toString()));
        line.addAll(
                List.of(
                        "-time",
                        System.getProperty("trufflebpf.stress.millis", "1000"),
                        "-iters",
                        "1",
                        "-f",
                        "1",
                        "-sc",
                        "false",
                        "-hs",
                        "512",
                        // few states at once: a race takes one key of few
                        "-strideSize",
                        "16",
                        "-strideCount",
                        "4",
                        "-spinStyle",
                        "THREAD_SPIN_WAIT"));
        // the flags of this JVM, so that races are run by compiled code
        for (String flag :
                List.of(
                        "-XX:+UnlockExperimentalVMOptions",
                        "-XX:+EnableJVMCI",
                        "--upgrade-module-path=" + System.getProperty("jdk.module.upgrade.path"),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx1g",
                        "-D"
                                + Stressed.FILE
                                + "="
                                + Path.of("src/test/fixtures/api/stress.o").toAbsolutePath())) {
            line.addAll(List.of("-jvmArgs", flag));
        }
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(line)
                        // where jcstress leaves its results
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "still running");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        long races =
                Stream.of(Races.class.getDeclaredClasses())
                        .filter(race -> race.isAnnotationPresent(State.class))
                        .count();
        assertTrue(
                text.contains(
                        "(Results: "
                                + races
                                + " planned; "
                                + races
                                + " passed, 0 failed, 0 soft errs, 0 hard errs)"),
                text);
    }
}

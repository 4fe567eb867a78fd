package org.trufflebpf.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.annotations.State;
import org.trufflebpf.testing.ChildJvm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the {@link Races} for a second each, in JVMs of their own; the system property {@code
 * trufflebpf.stress.millis} sets another time.
 */
class StressTest {
    @TempDir private Path directory;

    @Test
    void racesHaveTheOutcomesOfTheKernel() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add("org.openjdk.jcstress.Main");
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
        List<String> flags = new ArrayList<>(ChildJvm.FLAGS);
        flags.add("-Xmx1g");
        Path object = Path.of("src/test/fixtures/api/stress.o").toAbsolutePath();
        flags.add("-D" + Stressed.FILE + "=" + object);
        for (String flag : flags) {
            line.addAll(List.of("-jvmArgs", flag));
        }
        // jcstress leaves its results in the working directory
        String text = ChildJvm.run(directory, directory, line, 10);
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

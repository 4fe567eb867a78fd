package org.trufflebpf.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM of the kind of this one, with the flags that make programs compiled. */
public final class ChildJvm {
    /**
     * The flags of {@code bin/jvm.options}, with the compiler's modules that this JVM was given.
     */
    public static final List<String> FLAGS =
            List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableJVMCI",
                    "--upgrade-module-path=" + System.getProperty("jdk.module.upgrade.path"),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private ChildJvm() {}

    /**
     * Runs a JVM with {@link #FLAGS} and the classes of this one; it has to end with status 0.
     *
     * @param home its working directory
     * @param scratch a directory of the test, for what it prints
     * @param arguments what stands behind the class path: a class or source file and its arguments
     * @param minutes how long it may take
     * @return what it printed, to either stream
     */
    public static String run(Path home, Path scratch, List<String> arguments, int minutes)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(FLAGS);
        line.add("-cp");
        // Surefire starts this JVM with a jar that only names the class path.
        line.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        line.addAll(arguments);
        Path output = scratch.resolve("output");
        Process process =
                new ProcessBuilder(line)
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(minutes, TimeUnit.MINUTES), "still running");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        return text;
    }
}

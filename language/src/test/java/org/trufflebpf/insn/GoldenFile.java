package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A committed file that a test holds against generated text. With {@code -Dgolden.write=true} the
 * file is written instead; read the difference before it is committed.
 */
public final class GoldenFile {
    private GoldenFile() {}

    /** A file beside the test classes' resources. */
    static Path resource(String name) {
        return module().resolve("src/test/resources/org/trufflebpf/insn").resolve(name);
    }

    /** A file in the project's documentation. */
    public static Path document(String name) {
        return module().resolve("../docs").resolve(name).normalize();
    }

    public static void check(Path file, String actual) {
        try {
            if (Boolean.getBoolean("golden.write")) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, actual);
            }
            assertEquals(
                    Files.readString(file),
                    actual,
                    () -> file + ": write it anew with -Dgolden.write=true");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path module() {
        return Path.of(System.getProperty("basedir", ""));
    }
}

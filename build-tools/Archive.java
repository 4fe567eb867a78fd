import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the makers of archives share: names, files, and tar, which Linux, macOS and Windows have.
 */
final class Archive {
    /** {@code PROGRAM-VERSION-OS-ARCH}. */
    static String name(String program, String version) {
        return program + "-" + version + "-" + os() + "-" + arch();
    }

    /** Packs a directory, and says how large it is. */
    static void pack(Path root, Path archive) throws IOException, InterruptedException {
        run(
                new ProcessBuilder(
                                "tar",
                                "-czf",
                                archive.toAbsolutePath().toString(),
                                "-C",
                                root.toAbsolutePath().getParent().toString(),
                                root.getFileName().toString())
                        .inheritIO());
        System.out.printf(
                Locale.ROOT,
                "%s: %d MB, unpacked %d MB%n",
                archive,
                Files.size(archive) >> 20,
                size(root) >> 20);
    }

    static void run(ProcessBuilder builder) throws IOException, InterruptedException {
        int status = builder.start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", builder.command()) + ": status " + status);
        }
    }

    static String os() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
    }

    static String arch() {
        String arch = System.getProperty("os.arch");
        return arch.equals("x86_64") ? "amd64" : arch;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    static long size(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
        }
    }

    static void delete(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Archive() {}
}

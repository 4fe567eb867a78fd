import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Lays out the archive of ebpf-run around the runtime that RuntimeImage made, and packs it with
 * tar, which Linux, macOS and Windows all have.
 *
 * <pre>java build-tools/Distribution.java RUNTIME VERSION TARGET</pre>
 *
 * The result is {@code TARGET/ebpf-run-VERSION-OS-ARCH.tar.gz}. The working directory is the
 * project's.
 */
final class Distribution {
    /** What goes in as it is: from where, to where. */
    private static final Map<String, String> FILES =
            Map.of(
                    "native/src/dist/bin", "bin",
                    "docs/ebpf-run.md", "share/doc/ebpf-run/ebpf-run.md",
                    "CHANGELOG.md", "share/doc/ebpf-run/CHANGELOG.md",
                    "examples", "share/doc/ebpf-run/examples");

    /** What the launcher itself prints, and where people's systems look for it. */
    private static final Map<String, List<String>> PRINTED =
            Map.of(
                    "share/man/man1/ebpf-run.1",
                    List.of("--manual"),
                    "share/bash-completion/completions/ebpf-run",
                    List.of("--completion", "bash"));

    public static void main(String[] args) throws IOException, InterruptedException {
        Path runtime = Path.of(args[0]);
        Path target = Path.of(args[2]);
        String name = "ebpf-run-" + args[1] + "-" + os() + "-" + arch();
        Path root = target.resolve(name);
        delete(root);
        copy(runtime, root);
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            copy(Path.of(file.getKey()), root.resolve(file.getValue()));
        }
        for (Map.Entry<String, List<String>> printed : PRINTED.entrySet()) {
            print(root, printed.getValue(), root.resolve(printed.getKey()));
        }
        Path archive = target.resolve(name + ".tar.gz");
        run(
                new ProcessBuilder(
                                "tar",
                                "-czf",
                                archive.toAbsolutePath().toString(),
                                "-C",
                                target.toString(),
                                name)
                        .inheritIO());
        System.out.printf(
                Locale.ROOT,
                "%s: %d MB, unpacked %d MB%n",
                archive,
                Files.size(archive) >> 20,
                size(root) >> 20);
    }

    /** A program of the runtime, as the script of the archive starts it. */
    private static void print(Path root, List<String> options, Path file)
            throws IOException, InterruptedException {
        Files.createDirectories(file.getParent());
        List<String> line = new ArrayList<>();
        line.add(root.resolve("runtime/bin/java").toString());
        line.add("@" + root.resolve("jvm.options"));
        line.addAll(List.of("-m", "org.trufflebpf.launcher/org.trufflebpf.launcher.EbpfRun"));
        line.addAll(options);
        run(
                new ProcessBuilder(line)
                        .redirectOutput(file.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    private static void run(ProcessBuilder builder) throws IOException, InterruptedException {
        int status = builder.start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", builder.command()) + ": status " + status);
        }
    }

    private static String os() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
    }

    private static String arch() {
        String arch = System.getProperty("os.arch");
        return arch.equals("x86_64") ? "amd64" : arch;
    }

    private static void copy(Path from, Path to) throws IOException {
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

    private static long size(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
        }
    }

    private static void delete(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Distribution() {}
}

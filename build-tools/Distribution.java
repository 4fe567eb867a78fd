import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lays out the archive of ebpf-run around the runtime that RuntimeImage made.
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
        String name = Archive.name("ebpf-run", args[1]);
        Path root = target.resolve(name);
        Archive.delete(root);
        Archive.copy(runtime, root);
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Archive.copy(Path.of(file.getKey()), root.resolve(file.getValue()));
        }
        for (Map.Entry<String, List<String>> printed : PRINTED.entrySet()) {
            print(root, printed.getValue(), root.resolve(printed.getKey()));
        }
        Archive.pack(root, target.resolve(name + ".tar.gz"));
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
        Archive.run(
                new ProcessBuilder(line)
                        .redirectOutput(file.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    private Distribution() {}
}

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/**
 * Packs JavaScript, Python and WebAssembly for the archive of ebpf-run: their modules, as far as
 * its runtime does not have them, and the program that runs scripts.
 *
 * <pre>java build-tools/PolyglotArchive.java RUNTIME LANGUAGES VERSION TARGET</pre>
 *
 * The result is {@code TARGET/ebpf-run-polyglot-VERSION-OS-ARCH.tar.gz}; in it everything is below
 * the directory that the other archive has, so that both are unpacked in the same place. The
 * working directory is the project's.
 */
final class PolyglotArchive {
    public static void main(String[] args) throws IOException, InterruptedException {
        Path runtime = Path.of(args[0], "runtime");
        Path target = Path.of(args[3]);
        Path work = target.resolve("polyglot");
        Archive.delete(work);
        Path root = work.resolve(Archive.name("ebpf-run", args[2]));
        Path lib = root.resolve("polyglot/lib");
        Files.createDirectories(lib);
        Set<String> present = modules(runtime);
        for (ModuleReference module : ModuleFinder.of(Path.of(args[1])).findAll()) {
            if (!present.contains(module.descriptor().name())) {
                Path jar = Path.of(module.location().orElseThrow());
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Archive.copy(Path.of("native/src/dist-polyglot/bin"), root.resolve("bin"));
        Archive.copy(
                Path.of("examples/polyglot"), root.resolve("share/doc/ebpf-run/examples/polyglot"));
        compile(Path.of(args[1]), root.resolve("polyglot/classes"));
        Archive.pack(root, target.resolve(Archive.name("ebpf-run-polyglot", args[2]) + ".tar.gz"));
    }

    /** The modules that a runtime image has. */
    private static Set<String> modules(Path runtime) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(runtime.resolve("bin/java").toString(), "--list-modules")
                        .start();
        try (InputStream out = process.getInputStream();
                Stream<String> lines = new String(out.readAllBytes()).lines()) {
            Set<String> modules =
                    lines.map(line -> line.replaceFirst("@.*", "")).collect(Collectors.toSet());
            process.waitFor();
            return modules;
        }
    }

    private static void compile(Path libraries, Path classes) throws IOException {
        String path;
        try (Stream<Path> jars = Files.list(libraries)) {
            path = jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
        List<String> options =
                List.of(
                        "--release",
                        "25",
                        "-cp",
                        path,
                        "-d",
                        classes.toString(),
                        "examples/polyglot/Run.java");
        int status =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, options.toArray(String[]::new));
        if (status != 0) {
            throw new IOException("javac " + String.join(" ", options) + ": status " + status);
        }
    }

    private PolyglotArchive() {}
}

import jdk.tools.jlink.builder.DefaultImageBuilder;
import jdk.tools.jlink.internal.Jlink;
import jdk.tools.jlink.internal.JlinkTask;
import jdk.tools.jlink.internal.Platform;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes a Java runtime that holds ebpf-run, the Graal compiler and what they need of the JDK, and
 * an AOT cache for it. Together they start several times faster than a JDK, and need none. They may
 * be moved: the JVM holds a cache to the module path it was made with, and here there is none, as
 * all modules are in the runtime.
 *
 * <p>The compiler takes the place of the JDK's empty module {@code jdk.graal.compiler}. A JDK with
 * {@code jmods} has that done by the order of jlink's module path; a JDK that jlink links from its
 * own image (JEP 493) comes first whatever the path, which is why jlink's inner classes are used.
 *
 * <pre>java @build-tools/RuntimeImage.options build-tools/RuntimeImage.java JARS TRAINING OUT</pre>
 *
 * JARS has the jars in {@code lib} and {@code compiler}; TRAINING is a file of command lines to
 * train on. OUT is replaced by a directory with {@code runtime}, {@code jvm.options} and {@code
 * ebpf-run.aot}. The working directory is the project's.
 */
final class RuntimeImage {
    private static final Path OPTIONS = Path.of("bin", "jvm.options");
    private static final String LAUNCHER = "org.trufflebpf.launcher";

    private static final Set<String> ROOTS =
            Set.of(
                    LAUNCHER,
                    "org.trufflebpf",
                    "org.graalvm.truffle.runtime",
                    "jdk.graal.compiler",
                    "jdk.internal.vm.ci",
                    "jdk.unsupported",
                    // Python's, so that it can be added later.
                    "jdk.security.auth");

    /** Of older classes (before Java 6) the AOT cache holds none, as they have no stack maps. */
    private static final int OLDEST = 50;

    private static final int HEADER = 8;
    private static final String CLASS = ".class";

    public static void main(String[] args) throws Exception {
        Path jars = Path.of(args[0]);
        Path training = Path.of(args[1]);
        Path out = Path.of(args[2]).toAbsolutePath();
        Path work = out.resolveSibling(out.getFileName() + ".new");
        delete(work);
        copy(jars, work.resolve("jars"));
        link(work.resolve("jars"), work.resolve("runtime"));
        copyAttachLibrary(jars, work.resolve("runtime/lib"));
        delete(work.resolve("jars"));
        Files.copy(OPTIONS, work.resolve("jvm.options"));
        train(work, training);
        delete(out);
        Files.move(work, out, StandardCopyOption.ATOMIC_MOVE);
    }

    // ---- the runtime

    private static void link(Path jars, Path image) throws Exception {
        ModuleFinder ours = JlinkTask.newModuleFinder(List.of(jars));
        Path jmods = Path.of(System.getProperty("java.home"), "jmods");
        boolean packaged = Files.isDirectory(jmods);
        ModuleFinder jdk =
                packaged ? JlinkTask.newModuleFinder(List.of(jmods)) : ModuleFinder.ofSystem();
        ModuleFinder all = JlinkTask.limitFinder(ModuleFinder.compose(ours, jdk), ROOTS, ROOTS);
        // Linux distributions edit the JDK's configuration, which link-from-image may not mind.
        Jlink.JlinkConfiguration configuration =
                new Jlink.JlinkConfiguration(image, ROOTS, all, !packaged, true, false);
        new Jlink()
                .build(
                        configuration,
                        new Jlink.PluginsConfiguration(
                                List.of(),
                                new DefaultImageBuilder(image, Map.of(), Platform.runtime()),
                                null));
        for (String unneeded : List.of("include", "man", "lib/classlist", "lib/jrt-fs.jar")) {
            delete(image.resolve(unneeded));
        }
    }

    /**
     * The native library by which Truffle reaches into the JDK's modules. Where the launcher finds
     * it beside the runtime, it need not be unpacked into the user's cache directory.
     */
    private static void copyAttachLibrary(Path jars, Path lib) throws IOException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = System.mapLibraryName("truffleattach");
        String entry =
                "META-INF/resources/engine/libtruffleattach/"
                        + (os.startsWith("mac") ? "darwin" : os.split(" ")[0])
                        + "/"
                        + System.getProperty("os.arch").replace("x86_64", "amd64")
                        + "/bin/"
                        + name;
        try (JarFile jar = new JarFile(jars.resolve("lib/truffle-api.jar").toFile());
                InputStream in = jar.getInputStream(jar.getEntry(entry))) {
            Files.copy(in, lib.resolve(name));
        }
    }

    // ---- jars

    /** Puts the modules' jars into one directory, with classes that start fast. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Map<String, byte[]> classes = new HashMap<>();
        List<Path> jars = new ArrayList<>();
        for (String directory : List.of("compiler", "lib")) {
            try (Stream<Path> files = Files.list(from.resolve(directory))) {
                jars.addAll(files.toList());
            }
        }
        for (Path path : jars) {
            try (JarFile jar = new JarFile(path.toFile())) {
                for (JarEntry entry : jar.stream().toList()) {
                    if (entry.getName().endsWith(CLASS)) {
                        classes.put(entry.getName(), bytes(jar, entry));
                    }
                }
            }
        }
        ClassFile format =
                ClassFile.of(
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(
                                                type -> {
                                                    byte[] bytes = classes.get(path(type));
                                                    return bytes == null
                                                            ? null
                                                            : new ByteArrayInputStream(bytes);
                                                })
                                        .orElse(ClassHierarchyResolver.defaultResolver())));
        for (Path path : jars) {
            copyJar(format, path, to.resolve(path.getFileName()));
        }
    }

    private static void copyJar(ClassFile format, Path from, Path to) throws IOException {
        try (JarFile jar = new JarFile(from.toFile());
                ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(to))) {
            for (JarEntry entry : jar.stream().toList()) {
                byte[] bytes = bytes(jar, entry);
                zip.putNextEntry(new ZipEntry(entry.getName()));
                zip.write(quick(format, entry.getName(), bytes));
                zip.closeEntry();
            }
        }
    }

    /** What a jar holds, as it starts fastest. */
    private static byte[] quick(ClassFile format, String name, byte[] bytes) {
        if (!name.endsWith(CLASS)) {
            return bytes;
        }
        if (name.equals(LateCompiler.TASK)) {
            return LateCompiler.of(format, bytes);
        }
        return isOld(bytes) ? renewed(format, bytes) : PlainBytecode.of(format, bytes);
    }

    /** A class too old for the AOT cache, with stack maps and a newer version. */
    private static byte[] renewed(ClassFile format, byte[] bytes) {
        ClassFile anew =
                format.withOptions(
                        ClassFile.ConstantPoolSharingOption.NEW_POOL,
                        ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
        ClassTransform version =
                (builder, element) -> {
                    if (element instanceof ClassFileVersion) {
                        builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                    } else {
                        builder.with(element);
                    }
                };
        // The bodies anew, one element after the other, or they would be copied as they are.
        return anew.transformClass(
                anew.parse(bytes),
                ClassTransform.transformingMethodBodies(CodeBuilder::with).andThen(version));
    }

    private static boolean isOld(byte[] bytes) {
        return bytes.length > HEADER && (bytes[6] << 8 | bytes[7]) < OLDEST;
    }

    private static String path(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1) + CLASS;
    }

    private static byte[] bytes(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    // ---- the cache

    /**
     * Runs what people run and remembers which classes that took. The cache is then made under G1,
     * the only collector that writes the objects of the heap into it; every collector reads them.
     */
    private static void train(Path work, Path training) throws IOException, InterruptedException {
        String record = work.resolve("ebpf-run.aotconf").toString();
        java(
                work,
                List.of(
                        "-XX:AOTMode=record",
                        "-XX:-AOTRecordTraining",
                        "-XX:AOTConfiguration=" + record),
                List.of("Training", training.toString()));
        java(
                work,
                List.of(
                        "-XX:-UseSerialGC",
                        "-XX:+UseG1GC",
                        "-XX:AOTMode=create",
                        "-XX:AOTConfiguration=" + record,
                        "-XX:AOTCache=" + work.resolve("ebpf-run.aot")),
                List.of("EbpfRun"));
        Files.delete(Path.of(record));
    }

    private static void java(Path work, List<String> options, List<String> command)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(work.resolve("runtime/bin/java").toString());
        line.add("@" + work.resolve("jvm.options"));
        line.addAll(options);
        line.add("-m");
        line.add(LAUNCHER + "/" + LAUNCHER + "." + command.getFirst());
        line.addAll(command.subList(1, command.size()));
        Path log = work.resolveSibling(work.getFileName() + ".log");
        int status =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.to(new File(log.toString())))
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException(
                    String.join(" ", line)
                            + ": exit status "
                            + status
                            + "\n"
                            + Files.readString(log));
        }
        Files.delete(log);
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private RuntimeImage() {}
}

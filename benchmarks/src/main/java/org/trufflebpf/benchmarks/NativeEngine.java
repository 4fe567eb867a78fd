package org.trufflebpf.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The same C source compiled for the host, now, by whatever compiler is there: how fast it could
 * be. Maps are plain C for one thread.
 */
@SuppressWarnings("restricted")
final class NativeEngine implements Engine {
    private static final List<String> COMPILERS = List.of("clang-19", "clang", "cc");

    /** Tail calls and perf events are the kernel's alone. */
    private static final Set<String> KERNEL_ONLY = Set.of("b08_tail", "b10_perf");

    private static final int MEMORY = 1 << 16;

    private final Path directory;
    private final String compiler;

    NativeEngine() throws IOException {
        this.directory = Files.createTempDirectory("trufflebpf-bench");
        this.compiler = find();
        if (compiler != null) {
            for (String file : List.of("common.h", "bx.h", "native.c")) {
                Files.write(directory.resolve(file), BenchProgram.resource(file));
            }
        }
    }

    private static String find() {
        String path = System.getenv("PATH");
        for (String name : COMPILERS) {
            for (String directory : path == null ? new String[0] : path.split(":")) {
                if (Files.isExecutable(Path.of(directory, name))) {
                    return name;
                }
            }
        }
        return null;
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public String refusal() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "not Linux";
        }
        return compiler == null ? "no C compiler" : null;
    }

    /** The compiler and its version. */
    String compilerVersion() throws IOException {
        Process process = new ProcessBuilder(compiler, "--version").start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse(compiler);
    }

    @Override
    public boolean supports(String program) {
        return !KERNEL_ONLY.contains(program) && !program.startsWith("c");
    }

    @Override
    public Loaded load(String name, byte[] object, MapContents contents) throws IOException {
        Path source =
                Files.write(directory.resolve(name + ".c"), BenchProgram.resource(name + ".c"));
        Path library = directory.resolve(name + ".so");
        List<String> command =
                new ArrayList<>(
                        List.of(compiler, "-O2", "-w", "-shared", "-fPIC", "-DFORM_NATIVE"));
        if (name.startsWith("a")) {
            command.add("-DCLASS_A");
        }
        command.addAll(
                List.of(
                        "-o",
                        library.toString(),
                        source.toString(),
                        directory.resolve("native.c").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return new Library(library, contents);
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A shared object with one benchmark. */
    private static final class Library implements Loaded {
        private final Arena arena = Arena.ofConfined();
        private final SymbolLookup symbols;
        private final MemorySegment memory;
        private final MethodHandle run;

        Library(Path file, MapContents contents) {
            this.symbols = SymbolLookup.libraryLookup(file, arena);
            this.run =
                    handle(
                            "bench_run",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG));
            MethodHandle allocate =
                    handle("bench_memory", FunctionDescriptor.of(ValueLayout.ADDRESS));
            try {
                this.memory = ((MemorySegment) allocate.invokeExact()).reinterpret(MEMORY);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            contents.fill(this::put);
        }

        private MethodHandle handle(String symbol, FunctionDescriptor descriptor) {
            return Linker.nativeLinker()
                    .downcallHandle(symbols.find(symbol).orElseThrow(), descriptor);
        }

        private void put(String map, byte[] key, byte[] value) {
            MethodHandle get =
                    handle(
                            "umap_get",
                            FunctionDescriptor.of(
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG));
            MethodHandle update =
                    handle(
                            "umap_update",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG));
            try (Arena local = Arena.ofConfined()) {
                MemorySegment target = (MemorySegment) get.invokeExact(local.allocateFrom(map), 0L);
                long error =
                        (long)
                                update.invokeExact(
                                        target,
                                        local.allocateFrom(ValueLayout.JAVA_BYTE, key),
                                        local.allocateFrom(ValueLayout.JAVA_BYTE, value),
                                        0L);
                if (error != 0) {
                    throw new IllegalStateException(map + ": " + error);
                }
            } catch (RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Runner runner(String program, byte[] data, int cpu) {
            return new Runner() {
                @Override
                public Outcome once() {
                    long result = call(data, 1);
                    return new Outcome(
                            result, memory.asSlice(0, data.length).toArray(ValueLayout.JAVA_BYTE));
                }

                @Override
                public void repeat(int times) {
                    long _ = call(data, times);
                }
            };
        }

        private long call(byte[] data, int times) {
            MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, data.length);
            try {
                return (long) run.invokeExact(memory, (long) data.length, (long) times);
            } catch (RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}

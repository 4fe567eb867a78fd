package org.trufflebpf.benchmarks;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.trufflebpf.testing.ProgramShape;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What compiling large programs takes: the last tier alone, on this thread, before the first
 * instruction runs; a bail-out ends the benchmark. Arguments are numbers of instructions. Prints
 * Markdown.
 */
public final class LargePrograms {
    private static final Pattern DONE =
            Pattern.compile("opt done .*Time +(\\d+)\\(.*CodeSize +(\\d+)");

    private LargePrograms() {}

    public static void main(String[] args) {
        int[] sizes =
                args.length == 0
                        ? new int[] {4096, 16_384, 65_536}
                        : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        // the compiler is Java code too, and has to be compiled itself
        for (ProgramShape shape : ProgramShape.values()) {
            row(shape, sizes[0]);
        }
        System.out.println(
                "| shape | instructions | compilations | compiling, s | code, kB | bytes per"
                        + " instruction | load, s | run, µs |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
        for (int size : sizes) {
            for (ProgramShape shape : ProgramShape.values()) {
                System.out.println(row(shape, size));
            }
        }
    }

    private static String row(ProgramShape shape, int size) {
        byte[] code = shape.program(size);
        List<String> log = new CopyOnWriteArrayList<>();
        try (Context context = context(log)) {
            long start = System.nanoTime();
            Value program =
                    context.eval(
                                    Source.newBuilder("ebpf", ByteSequence.create(code), "raw")
                                            .mimeType("application/x-bpf-raw")
                                            .buildLiteral())
                            .getMember("programs")
                            .getMember("main");
            program.invokeMember("load");
            double load = (System.nanoTime() - start) / 1e9;
            // the first check of an unverified access meets its object, and is compiled again
            Value _ = run(program, 1);
            double nanos = run(program, 100).getMember("minNs").asDouble();
            int compilations = 0;
            long millis = 0;
            long bytes = 0;
            for (String line : log) {
                Matcher matcher = DONE.matcher(line);
                if (matcher.find()) {
                    compilations++;
                    millis += Long.parseLong(matcher.group(1));
                    bytes += Long.parseLong(matcher.group(2));
                }
            }
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %.1f | %.0f | %.1f | %.2f | %.1f |",
                    shape.name().toLowerCase(Locale.ROOT),
                    code.length / 8,
                    compilations,
                    millis / 1e3,
                    bytes / 1e3,
                    bytes / (code.length / 8.0),
                    load,
                    nanos / 1e3);
        }
    }

    private static Value run(Value program, int times) {
        byte[] memory = {1, 2, 3, 4, 5, 6, 7, 8};
        return program.invokeMember(
                "run",
                ProxyObject.fromMap(Map.of("data", ByteBuffer.wrap(memory), "repeat", times)));
    }

    private static Context context(List<String> log) {
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord entry) {
                        log.add(entry.getMessage());
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        return Context.newBuilder("ebpf")
                .allowExperimentalOptions(true)
                .allowHostAccess(HostAccess.newBuilder().allowBufferAccess(true).build())
                .logHandler(handler)
                .option("ebpf.Timeout", "0")
                .option("engine.TraceCompilation", "true")
                .option("engine.CompileImmediately", "true")
                .option("engine.BackgroundCompilation", "false")
                .option("engine.CompilationFailureAction", "Throw")
                .build();
    }
}

package org.trufflebpf.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The side-by-side table, {@code bin/bench}: kernel JIT, native C, our compiled code with and
 * without proofs of the verifier, and our interpreter, on the same objects and inputs.
 */
public final class Bench {
    private static final String USAGE =
            """
            bench [OPTION]...: measures the kernel's JIT, native C, TruffleBPF side by side

              --programs TEXT      only programs whose name contains TEXT; none: no programs
              --operations TEXT    only operations whose name contains TEXT; none: no operations
              --engines A,B        only these columns: kernel, native, verified, checked, interpreter
              --threads A,B        operations on so many threads at once (default 1,2)
              --memory ENTRIES     what an entry of maps of so many takes, too
              --rounds N           interleaved rounds (default 15)
              --warmup SECONDS     CPU seconds at most for a program to reach its peak (default 20)
              --markdown FILE      write the tables there instead of to the standard output
              --json FILE          write them as JSON, too\
            """;

    private String programs = "";
    private String operations = "";
    private String columns = "kernel,native,verified,checked,interpreter";
    private List<Integer> threads = List.of(1, 2);
    private int memory;
    private int rounds = 15;
    private double warmup = 20;
    private String markdown;
    private String json;

    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        Bench bench = new Bench();
        try {
            bench.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
        bench.run();
    }

    private void parse(String[] arguments) {
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--programs" -> programs = value;
                case "--operations" -> operations = value;
                case "--engines" -> columns = value;
                case "--threads" ->
                        threads =
                                Arrays.stream(value.split(",", -1)).map(Integer::valueOf).toList();
                case "--memory" -> memory = Integer.parseInt(value);
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--warmup" -> warmup = Double.parseDouble(value);
                case "--markdown" -> markdown = value;
                case "--json" -> json = value;
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
    }

    private void run() throws IOException {
        List<Engine> engines = new ArrayList<>();
        for (String column : columns.split(",", -1)) {
            engines.add(
                    switch (column) {
                        case "kernel" -> new KernelEngine();
                        case "native" -> new NativeEngine();
                        case "verified" -> new GuestEngine(GuestEngine.Mode.VERIFIED);
                        case "checked" -> new GuestEngine(GuestEngine.Mode.CHECKED);
                        case "interpreter" -> new GuestEngine(GuestEngine.Mode.INTERPRETER);
                        default -> throw new IllegalArgumentException("no engine " + column);
                    });
        }
        try {
            measure(engines);
        } finally {
            engines.forEach(Engine::close);
        }
    }

    private void measure(List<Engine> engines) throws IOException {
        SideBySide table = new SideBySide(engines, rounds, 0.5, warmup);
        List<SideBySide.Row> rows = new ArrayList<>();
        for (BenchProgram program : BenchProgram.all()) {
            if (program.label().contains(programs)) {
                rows.add(table.measure(program));
                System.err.print('.');
            }
        }
        List<OperationTable.Row> costs =
                operations.equals("none")
                        ? List.of()
                        : new OperationTable(engines, table, threads).measure(operations);
        System.err.println();
        List<MapMemory.Row> sizes = memory == 0 ? List.of() : MapMemory.measure(memory);
        Report report = new Report(facts(engines), engines, rows, costs, sizes);
        if (markdown == null) {
            System.out.print(report.markdown());
        } else {
            Files.writeString(Path.of(markdown), report.markdown());
        }
        if (json != null) {
            report.json(new File(json));
        }
    }

    private Map<String, String> facts(List<Engine> engines) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "machine",
                cpu()
                        + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " CPUs, "
                        + System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version"));
        facts.put("JDK", System.getProperty("java.vendor.version") + " " + Runtime.version());
        for (Engine engine : engines) {
            if (engine.refusal() != null) {
                facts.put(engine.name(), "no figures: " + engine.refusal());
            } else if (engine instanceof GuestEngine guest) {
                facts.put(guest.name(), guest.runtime());
            } else if (engine instanceof NativeEngine compiler) {
                facts.put(engine.name(), compiler.compilerVersion() + ", -O2");
            }
        }
        facts.put(
                "rule",
                "thread CPU time; "
                        + rounds
                        + " interleaved rounds of about 4 ms; warm-up until 12"
                        + " batches in a row are no faster, at most "
                        + warmup
                        + " s");
        return facts;
    }

    private static String cpu() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (Files.isReadable(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }
}

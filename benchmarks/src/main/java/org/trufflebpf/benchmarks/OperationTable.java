package org.trufflebpf.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What one map operation or helper costs: programs of {@code c01_ops.c} do 64 of them; the cost of
 * the program that does none is taken off.
 */
final class OperationTable {
    private static final int OPERATIONS = 64;
    private static final String NONE = "op_none";

    /** Operations whose cost depends on the number of entries. */
    private static final List<String> BY_SIZE =
            List.of(
                    "op_array",
                    "op_percpu_array",
                    "op_hash_hit",
                    "op_hash_miss",
                    "op_hash_upd",
                    "op_hash_insdel",
                    "op_percpu_hash",
                    "op_lru_hit",
                    "op_lru_upd",
                    "op_lru_churn",
                    "op_lpm");

    private static final List<String> OTHERS =
            List.of(
                    "op_rb_output",
                    "op_rb_reserve",
                    "op_perf_output",
                    "op_ktime",
                    "op_prandom",
                    "op_cpuid",
                    "op_atomic_add",
                    "op_csum_diff",
                    "op_adjust_head",
                    "op_spin_lock",
                    "op_bpf_call",
                    "op_bpf_loop");

    private final List<Engine> engines;
    private final SideBySide table;
    private final List<Integer> threads;

    /** {@code threads}: each number of threads that do the same at once. */
    OperationTable(List<Engine> engines, SideBySide table, List<Integer> threads) {
        this.engines = engines;
        this.table = table;
        this.threads = List.copyOf(threads);
    }

    /**
     * Costs in ns per operation and thread, by engine; NaN where an engine has none.
     *
     * @param threads so many threads did it at once
     */
    record Row(String label, int entries, int threads, List<Double> costs) {}

    /** All rows whose name contains {@code filter}. */
    List<Row> measure(String filter) throws IOException {
        List<Row> rows = new ArrayList<>();
        measure(rows, "c01_ops_1", 1, BY_SIZE, filter);
        measure(rows, "c01_ops_10k", 10_000, BY_SIZE, filter);
        measure(rows, "c01_ops_1m", 1_000_000, BY_SIZE, filter);
        measure(rows, "c01_ops_1", 1, OTHERS, filter);
        return rows;
    }

    private void measure(
            List<Row> rows, String object, int entries, List<String> programs, String filter)
            throws IOException {
        List<String> wanted =
                programs.stream().filter(program -> program.contains(filter)).toList();
        if (wanted.isEmpty()) {
            return;
        }
        List<Engine.Loaded> loaded = new ArrayList<>();
        try {
            for (Engine engine : engines) {
                loaded.add(
                        engine.refusal() != null || !engine.supports(object)
                                ? null
                                : engine.load(
                                        object,
                                        BenchProgram.resource(object + ".o"),
                                        MapContents.operations(entries)));
            }
            for (int count : threads) {
                List<Samples> none = measure(loaded, NONE, entries, count);
                for (String program : wanted) {
                    List<Samples> samples = measure(loaded, program, entries, count);
                    List<Double> costs = new ArrayList<>();
                    for (int i = 0; i < samples.size(); i++) {
                        double empty = program.equals("op_bpf_loop") ? 0 : median(none.get(i));
                        costs.add((median(samples.get(i)) - empty) / OPERATIONS);
                    }
                    rows.add(new Row(program.substring(3), entries, count, costs));
                    System.err.println(rows.getLast());
                }
            }
        } finally {
            for (Engine.Loaded each : loaded) {
                if (each != null) {
                    each.close();
                }
            }
        }
    }

    private static double median(Samples samples) {
        return samples == null ? Double.NaN : samples.median();
    }

    private List<Samples> measure(
            List<Engine.Loaded> loaded, String program, int entries, int count) {
        return table.measure(
                runners(loaded, program, entries, count),
                BenchProgram.runsPerDrain(program) / count);
    }

    private List<Engine.Runner> runners(
            List<Engine.Loaded> loaded, String program, int entries, int count) {
        List<Engine.Runner> runners = new ArrayList<>();
        Engine.Outcome first = null;
        for (int i = 0; i < loaded.size(); i++) {
            Engine.Runner runner =
                    loaded.get(i) == null ? null : runner(loaded.get(i), program, entries, count);
            runners.add(runner);
            if (runner == null) {
                continue;
            }
            Engine.Outcome outcome = runner.once();
            if (first == null) {
                first = outcome;
            } else if (outcome.retval() != first.retval()) {
                throw new IllegalStateException(
                        engines.get(i).name()
                                + " computes a wrong result for "
                                + program
                                + ": "
                                + outcome.retval()
                                + ", expected "
                                + first.retval());
            }
        }
        return runners;
    }

    private static Engine.Runner runner(
            Engine.Loaded loaded, String program, int entries, int count) {
        List<Engine.Runner> runners = new ArrayList<>();
        for (int cpu = 0; cpu < count; cpu++) {
            runners.add(loaded.runner(program, input(entries, cpu), cpu));
        }
        return count == 1 ? runners.getFirst() : new ParallelRunner(runners);
    }

    /** {@code struct in} in front of a packet's bytes; each CPU draws other keys. */
    static byte[] input(int entries, int cpu) {
        byte[] data = BenchProgram.resource("inputs/pkt_ops.mem");
        ByteBuffer.wrap(data)
                .order(ByteOrder.nativeOrder())
                .putLong(0x9e3779b97f4a7c15L * (2 * cpu + 1))
                .putLong(entries)
                .putLong(0);
        return data;
    }
}

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

    OperationTable(List<Engine> engines, SideBySide table) {
        this.engines = engines;
        this.table = table;
    }

    /** Costs in ns per operation, by engine; NaN where an engine has none. */
    record Row(String label, int entries, List<Double> costs) {}

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
            byte[] input = input(entries);
            List<Samples> none =
                    table.measure(runners(loaded, NONE, input), BenchProgram.runsPerDrain(NONE));
            for (String program : wanted) {
                List<Samples> samples =
                        table.measure(
                                runners(loaded, program, input),
                                BenchProgram.runsPerDrain(program));
                List<Double> costs = new ArrayList<>();
                for (int i = 0; i < samples.size(); i++) {
                    double empty = program.equals("op_bpf_loop") ? 0 : median(none.get(i));
                    costs.add((median(samples.get(i)) - empty) / OPERATIONS);
                }
                rows.add(new Row(program.substring(3), entries, costs));
                System.err.println(rows.getLast());
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

    private List<Engine.Runner> runners(List<Engine.Loaded> loaded, String program, byte[] input) {
        List<Engine.Runner> runners = new ArrayList<>();
        Engine.Outcome first = null;
        for (int i = 0; i < loaded.size(); i++) {
            Engine.Runner runner =
                    loaded.get(i) == null ? null : loaded.get(i).runner(program, input);
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

    /** {@code struct in} in front of a packet's bytes. */
    private static byte[] input(int entries) {
        byte[] data = BenchProgram.resource("inputs/pkt_ops.mem");
        ByteBuffer.wrap(data)
                .order(ByteOrder.nativeOrder())
                .putLong(0x9e3779b97f4a7c15L)
                .putLong(entries)
                .putLong(0);
        return data;
    }
}

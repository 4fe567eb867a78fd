package org.trufflebpf.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures programs on all engines in one run: each round visits every engine once, for a few
 * milliseconds of CPU time, so that whatever disturbs the machine disturbs all of them alike. A
 * wrong result ends the run.
 */
final class SideBySide {
    /** CPU time of one measurement. */
    private static final double BATCH_NANOS = 4e6;

    /** Warm-up ends when this many batches in a row were no faster than those before. */
    private static final int STEADY = 12;

    private final List<Engine> engines;
    private final int rounds;
    private final double minWarmup;
    private final double maxWarmup;

    /** {@code minWarmup} and {@code maxWarmup}: CPU seconds per program and engine. */
    SideBySide(List<Engine> engines, int rounds, double minWarmup, double maxWarmup) {
        this.engines = engines;
        this.rounds = rounds;
        this.minWarmup = minWarmup;
        this.maxWarmup = maxWarmup;
    }

    /** A line of the table; {@code samples} are null where an engine has no figure. */
    record Row(String label, char kind, List<Samples> samples) {
        Samples of(List<Engine> engines, String name) {
            for (int i = 0; i < engines.size(); i++) {
                if (engines.get(i).name().equals(name)) {
                    return samples.get(i);
                }
            }
            return null;
        }
    }

    /** One line. */
    Row measure(BenchProgram program) throws IOException {
        List<Engine.Loaded> loaded = new ArrayList<>();
        List<Engine.Runner> runners = new ArrayList<>();
        try {
            for (Engine engine : engines) {
                if (engine.refusal() != null || !engine.supports(program.name())) {
                    runners.add(null);
                    continue;
                }
                Engine.Loaded object =
                        engine.load(
                                program.name(), program.object(), MapContents.of(program.name()));
                loaded.add(object);
                Engine.Runner runner = object.runner("entry", program.data(), 0);
                check(program, engine, runner);
                runners.add(runner);
            }
            List<Samples> samples = measure(runners, BenchProgram.runsPerDrain(program.name()));
            for (int i = 0; i < engines.size(); i++) {
                if (runners.get(i) != null) {
                    check(program, engines.get(i), runners.get(i));
                }
            }
            return new Row(program.label(), program.kind(), samples);
        } finally {
            loaded.forEach(Engine.Loaded::close);
        }
    }

    private static void check(BenchProgram program, Engine engine, Engine.Runner runner) {
        Engine.Outcome outcome = runner.once();
        program.check(engine.name(), outcome.retval(), outcome.data());
    }

    /** Interleaved rounds over the runners; null for null. */
    List<Samples> measure(List<Engine.Runner> runners, int maxRepeat) {
        int[] repeats = new int[runners.size()];
        List<Samples> samples = new ArrayList<>();
        for (int i = 0; i < repeats.length; i++) {
            Engine.Runner runner = runners.get(i);
            samples.add(runner == null ? null : new Samples(rounds));
            repeats[i] =
                    runner == null ? 0 : warmUp(runner, maxRepeat, engines.get(i).warmupRuns());
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < repeats.length; i++) {
                if (runners.get(i) != null) {
                    samples.get(i).add(runners.get(i).measure(repeats[i]));
                }
            }
        }
        return samples;
    }

    /** Runs until it gets no faster; the number of runs that fill a batch. */
    private int warmUp(Engine.Runner runner, int maxRepeat, int minRuns) {
        double best = Double.MAX_VALUE;
        int since = 0;
        int repeat = 1;
        double spent = 0;
        long runs = 0;
        while (spent < maxWarmup * 1e9
                && (spent < minWarmup * 1e9 || runs < minRuns || since < STEADY)) {
            double nanos = runner.measure(repeat);
            spent += nanos * repeat;
            runs += repeat;
            if (nanos < best * 0.98) {
                since = 0;
            } else if (repeat == maxRepeat || nanos * repeat > BATCH_NANOS / 4) {
                since++;
            }
            best = Math.min(best, nanos);
            repeat = (int) Math.clamp(BATCH_NANOS / nanos, 1, Math.min(10.0 * repeat, maxRepeat));
        }
        return repeat;
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives;

import org.trufflebpf.EbpfContext;
import org.trufflebpf.Watchdog;
import org.trufflebpf.context.ProgramContext;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.PerfEventArrayMap;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.runtime.Event;
import org.trufflebpf.runtime.Run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs a program from outside, as the kernel's {@code BPF_PROG_TEST_RUN}: lay out, call, collect.
 */
public final class ProgramRunner {
    /** More repetitions than this are timed in groups, so that timing does not count. */
    private static final int MAX_SAMPLES = 1000;

    private final EbpfContext context;
    private final LoadableProgram program;

    public ProgramRunner(EbpfContext context, LoadableProgram program) {
        this.context = context;
        this.program = program;
    }

    /**
     * Runs the program {@code input.repeat()} times over one layout of the input.
     *
     * @param steps nanoseconds by which the clock goes on afterwards, each with the callbacks that
     *     fall due
     * @param events whether to take what it sends to user space, or to leave it in its buffers
     */
    public RunResult run(RunInput input, long[] steps, boolean events) {
        if (input.repeat() < 1) {
            throw BpfException.usage("repeat is " + input.repeat() + ", expected at least 1");
        }
        try (Session session = open(input.cpu())) {
            return session.repeat(input, steps, events);
        }
    }

    /** Loads the program and takes what it needs to run on a virtual CPU. */
    public Session open(int cpu) {
        int cpus = context.machine().environment().cpus();
        if (cpu < 0 || cpu >= cpus) {
            throw BpfException.usage(
                    "there is no CPU " + cpu + "; the machine has " + cpus + " (--cpus)");
        }
        return new Session(program.load(), cpu);
    }

    /** What to throw for what a run threw. */
    static RuntimeException failure(EbpfContext context, Throwable thrown) {
        return switch (thrown) {
            case StackOverflowError _ -> BpfException.trap("the program's calls nest too deep");
            case BpfException e -> e;
            case RuntimeException e -> {
                BpfException expired = context.watchdog().expired(e);
                yield expired == null ? e : expired;
            }
            default -> throw CompilerDirectives.shouldNotReachHere(thrown);
        };
    }

    /** A series of runs on one thread. */
    public final class Session implements AutoCloseable {
        private final BoundProgram bound;
        private final CallTarget target;
        private final CallTarget repeater;
        private final ProgramContext layout;
        private final Run run;
        private final int cpu;
        private final Watchdog.Guarded guarded;

        private Session(BoundProgram bound, int cpu) {
            this.bound = bound;
            this.target = bound.entry();
            this.repeater = bound.repeater(context.language());
            this.layout = ProgramContexts.of(program.spec());
            this.cpu = cpu;
            this.run = context.machine().acquireRun();
            this.guarded = context.watchdog().enter();
        }

        /** Runs once. */
        public RunOutput run(RunInput input) {
            try {
                long r1 = begin(input);
                return layout.leave(run, input, callAll(r1));
            } catch (BpfException e) {
                throw e.within(bound.code().where(-1));
            }
        }

        /** Runs once for the return value alone. */
        public int retval(RunInput input) {
            try {
                long r1 = begin(input);
                return layout.retval(run, input, callAll(r1));
            } catch (BpfException e) {
                throw e.within(bound.code().where(-1));
            }
        }

        private RunResult repeat(RunInput input, long[] steps, boolean events) {
            try {
                long r1 = begin(input);
                if (layout.isSequence() && input.repeat() > 1) {
                    throw BpfException.usage(
                            "an iterator cannot be repeated, as its output adds up");
                }
                long r2 = layout.second(run);
                int repeat = input.repeat();
                int group = (repeat + MAX_SAMPLES - 1) / MAX_SAMPLES;
                double[] samples = new double[(repeat + group - 1) / group];
                long r0 = 0;
                long total = 0;
                int left = repeat;
                for (int i = 0; i < samples.length; i++) {
                    int runs = Math.min(group, left);
                    long start = System.nanoTime();
                    if (i > 0) {
                        layout.repeat(run, input);
                    }
                    if (layout.isSequence()) {
                        r0 = callAll(r1);
                    } else {
                        r0 =
                                call(
                                        repeater,
                                        RepeatRootNode.arguments(
                                                runs, run, input, guarded, r1, r2));
                    }
                    long nanos = System.nanoTime() - start;
                    total += nanos;
                    left -= runs;
                    samples[i] = (double) nanos / runs;
                }
                Arrays.sort(samples);
                RunOutput output = layout.leave(run, input, r0);
                List<Integer> callbacks = new ArrayList<>();
                for (long step : steps) {
                    callbacks.add(context.machine().timers().advance(step, run));
                }
                return new RunResult(
                        output,
                        (double) total / repeat,
                        samples[0],
                        samples[samples.length / 2],
                        trace(),
                        events ? events() : List.of(),
                        List.copyOf(run.effects()),
                        callbacks,
                        run.printed());
            } catch (BpfException e) {
                throw e.within(bound.code().where(-1));
            }
        }

        private long begin(RunInput input) {
            run.begin(bound.instance(), program.spec(), cpu, Callbacks.CALLER);
            return layout.enter(run, input);
        }

        /** Calls the program, as often as its context goes on. */
        private long callAll(long r1) {
            long r0 = call(r1);
            while (layout.isSequence() && layout.proceed(run, r0)) {
                r0 = call(r1);
            }
            return r0;
        }

        private long call(long r1) {
            if (guarded != null) {
                guarded.next();
            }
            run.restartTailCalls();
            return call(
                    target,
                    Arguments.of(run, bound, run.topFrame(), r1, layout.second(run), 0, 0, 0));
        }

        private long call(CallTarget callee, Object[] arguments) {
            try {
                long result = (long) callee.call(arguments);
                // timers and work whose time has come
                context.machine().timers().runDue(run);
                return result;
            } catch (StackOverflowError | RuntimeException e) {
                throw failure(context, e);
            }
        }

        /** What the programs printed so far. */
        public List<String> trace() {
            return List.copyOf(run.trace());
        }

        /** What the programs sent to user space since the last call, ring buffers drained. */
        public List<Event> events() {
            List<Event> events = new ArrayList<>(run.events());
            run.events().clear();
            for (BpfMap map : bound.instance().maps()) {
                if (map instanceof RingbufMap ring) {
                    drain(events, map, 0, ring::poll);
                } else if (map instanceof PerfEventArrayMap perf) {
                    for (int i = 0; i < map.cpus(); i++) {
                        int from = i;
                        drain(events, map, i, () -> perf.poll(from));
                    }
                }
            }
            return events;
        }

        private static void drain(
                List<Event> events, BpfMap map, int cpu, Supplier<byte[]> source) {
            for (byte[] data = source.get(); data != null; data = source.get()) {
                events.add(new Event(map.name(), cpu, data));
            }
        }

        @Override
        public void close() {
            run.unlock();
            context.watchdog().leave(guarded);
            context.machine().releaseRun(run);
        }
    }
}

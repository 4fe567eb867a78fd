package org.trufflebpf.benchmarks;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** TruffleBPF through the polyglot API. */
final class GuestEngine implements Engine {
    /** How programs run. */
    enum Mode {
        /** Compiled, with the checks that the verifier's proofs leave, as ebpf-run does. */
        VERIFIED,
        /** Compiled, every access checked when it happens. */
        CHECKED,
        /** Verified, never compiled. */
        INTERPRETER
    }

    private static final HostAccess ACCESS =
            HostAccess.newBuilder().allowBufferAccess(true).build();

    private static final int CPUS = 2;

    private final Mode mode;
    private final String runtime;

    GuestEngine(Mode mode) {
        this.mode = mode;
        try (Context context = context()) {
            this.runtime =
                    context.getEngine().getImplementationName()
                            + " "
                            + context.getEngine().getVersion();
        }
    }

    @Override
    public String name() {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String refusal() {
        return isCompiled() && runtime.startsWith("Interpreted")
                ? "the Truffle runtime is the interpreter"
                : null;
    }

    /** Truffle's last tier begins at 10,000 runs. */
    @Override
    public int warmupRuns() {
        return isCompiled() ? 30_000 : 0;
    }

    private boolean isCompiled() {
        return mode != Mode.INTERPRETER;
    }

    /** The Truffle runtime at work. */
    String runtime() {
        return runtime;
    }

    /** A context with an engine of its own, as most embedders have it. */
    private Context context() {
        Context.Builder builder =
                Context.newBuilder("ebpf")
                        .allowExperimentalOptions(true)
                        .allowHostAccess(ACCESS)
                        .option("engine.WarnInterpreterOnly", "false")
                        .option("ebpf.Cpus", Integer.toString(CPUS))
                        .option("ebpf.Timeout", "0")
                        .option("ebpf.Verify", Boolean.toString(mode != Mode.CHECKED));
        if (!isCompiled()) {
            builder.option("engine.Compilation", "false");
        } else {
            // whatever does not compile ends the benchmark; compiling at once makes warm-up regular
            builder.option("engine.BackgroundCompilation", "false")
                    .option("engine.CompilationFailureAction", "Throw");
        }
        return builder.build();
    }

    @Override
    public Loaded load(String name, byte[] object, MapContents contents) {
        Context context = context();
        Source source =
                Source.newBuilder("ebpf", ByteSequence.create(object), name)
                        .mimeType("application/x-bpf")
                        .buildLiteral();
        Value opened = context.eval(source);
        Value maps = opened.getMember("maps");
        contents.fill(
                (map, key, value) -> {
                    Value target = maps.getMember(map);
                    boolean percpu = target.getMember("type").asString().contains("percpu");
                    byte[] all = value;
                    if (percpu) {
                        all = Arrays.copyOf(value, CPUS * value.length);
                        System.arraycopy(value, 0, all, value.length, value.length);
                    }
                    target.invokeMember("update", ByteBuffer.wrap(key), ByteBuffer.wrap(all), 0);
                });
        return new Loaded() {
            @Override
            public Runner runner(String program, byte[] data, int cpu) {
                return new GuestRunner(opened.getMember("programs").getMember(program), data, cpu);
            }

            @Override
            public void close() {
                context.close();
            }
        };
    }

    private record GuestRunner(Value program, byte[] data, int cpu) implements Runner {
        private Value run(int times, boolean events) {
            return program.invokeMember(
                    "run",
                    ProxyObject.fromMap(
                            Map.of(
                                    "data",
                                    ByteBuffer.wrap(data),
                                    "cpu",
                                    cpu,
                                    "repeat",
                                    times,
                                    "events",
                                    events)));
        }

        @Override
        public Outcome once() {
            Value result = run(1, true);
            Value buffer = result.getMember("data");
            byte[] bytes = new byte[(int) buffer.getBufferSize()];
            buffer.readBuffer(0, bytes, 0, bytes.length);
            return new Outcome(result.getMember("retval").asLong(), bytes);
        }

        @Override
        public void repeat(int times) {
            Value _ = run(times, false);
        }

        @Override
        public void drain() {
            Value _ = run(1, true);
        }
    }
}

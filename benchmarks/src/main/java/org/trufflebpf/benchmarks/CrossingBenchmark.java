package org.trufflebpf.benchmarks;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What it costs to cross from one language into the other: a JavaScript loop that calls a program
 * of about 20 instructions, against the program alone; a map read from Python; a JavaScript
 * function in place of a helper. It runs from the project's directory with GraalJS and GraalPy on
 * the class path; docs/polyglot.md has the command.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@OperationsPerInvocation(CrossingBenchmark.CALLS)
public class CrossingBenchmark {
    static final int CALLS = 100_000;

    private static final Path OBJECT = Path.of("polyglot-tests/src/test/objects/types.o");

    private Context context;
    private Value mix;
    private Value custom;
    private Value repeatMix;
    private Value repeatCustom;
    private Value jsLoop;
    private Value jsPackets;
    private Value pythonReads;

    @Setup
    public void open() throws IOException {
        context = Context.newBuilder("ebpf", "js", "python").allowAllAccess(true).build();
        Value object =
                context.eval(
                        Source.newBuilder(
                                        "ebpf",
                                        ByteSequence.create(Files.readAllBytes(OBJECT)),
                                        "types.o")
                                .mimeType("application/x-bpf")
                                .build());
        mix = object.invokeMember("program", "mix");
        Value helper = context.eval("js", "(a, b) => a + b");
        custom =
                object.invokeMember(
                                "instantiate",
                                ProxyObject.fromMap(
                                        Map.of(
                                                "functions",
                                                ProxyObject.fromMap(Map.of("10001", helper)))))
                        .invokeMember("program", "custom");
        repeatMix = context.eval("js", "({args: [1, 2], repeat: " + CALLS + "})");
        repeatCustom = context.eval("js", "({args: [1], repeat: " + CALLS + "})");
        jsLoop =
                context.eval(
                        "js",
                        "(p, n) => { let s = 0; for (let i = 0; i < n; i++) s = (s + p(i,"
                                + " 2).value) | 0; return s; }");
        jsPackets =
                context.eval(
                                "js",
                                "(p) => { const b = new ArrayBuffer(64); return n => { let s = 0;"
                                        + " for (let i = 0; i < n; i++) s += p(b).value; return s;"
                                        + " } }")
                        .execute(object.invokeMember("program", "replace"));
        Value counters = object.invokeMember("map", "counters");
        counters.putHashEntry(1, ProxyObject.fromMap(Map.of("packets", 1)));
        pythonReads =
                context.eval(
                                "python",
                                "def reader(m):\n"
                                        + "    def read(n):\n"
                                        + "        s = 0\n"
                                        + "        for i in range(n):\n"
                                        + "            s += m[1].packets\n"
                                        + "        return s\n"
                                        + "    return read\n"
                                        + "reader")
                        .execute(counters);
    }

    @TearDown
    public void close() {
        context.close();
    }

    @Benchmark
    public Value programAlone() {
        return mix.invokeMember("run", repeatMix);
    }

    @Benchmark
    public int jsCallsProgram() {
        return jsLoop.execute(mix, CALLS).asInt();
    }

    @Benchmark
    public long jsCallsProgramWithPacket() {
        return jsPackets.execute(CALLS).asLong();
    }

    @Benchmark
    public long pythonReadsMap() {
        return pythonReads.execute(CALLS).asLong();
    }

    @Benchmark
    public Value programCallsJsHelper() {
        return custom.invokeMember("run", repeatCustom);
    }
}

package org.trufflebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.stream.Stream;

/**
 * Every benchmark program compiles (a bail-out is an error here), gives the right result, and then
 * stays compiled: once it is warm, nothing is compiled, invalidated or deoptimized any more.
 */
class StaysCompiledTest {
    /** Runs that bring every function into the last tier; lowered thresholds keep this short. */
    private static final int WARM = 4_000;

    @TestFactory
    Stream<DynamicTest> programs() {
        return BenchProgram.all().stream()
                .flatMap(
                        program ->
                                Stream.of(
                                        DynamicTest.dynamicTest(
                                                program.label() + ", verified",
                                                () -> staysCompiled(program, true)),
                                        DynamicTest.dynamicTest(
                                                program.label() + ", checked",
                                                () -> staysCompiled(program, false))));
    }

    private static void staysCompiled(BenchProgram program, boolean verified) {
        List<String> log = new CopyOnWriteArrayList<>();
        try (Context context = context(log, verified)) {
            Source source =
                    Source.newBuilder("ebpf", ByteSequence.create(program.object()), program.name())
                            .mimeType("application/x-bpf")
                            .buildLiteral();
            Value object = context.eval(source);
            Value maps = object.getMember("maps");
            MapContents.of(program.name())
                    .fill(
                            (map, key, value) ->
                                    maps.getMember(map)
                                            .invokeMember(
                                                    "update",
                                                    ByteBuffer.wrap(key),
                                                    ByteBuffer.wrap(value),
                                                    0));
            Value entry = object.getMember("programs").getMember("entry");
            Value first = run(entry, program, 1);
            Value data = first.getMember("data");
            byte[] bytes = new byte[(int) data.getBufferSize()];
            data.readBuffer(0, bytes, 0, bytes.length);
            program.check("compiled", first.getMember("retval").asLong(), bytes);
            for (int i = 0; i < 8; i++) {
                assertEquals(
                        program.result(),
                        run(entry, program, WARM / 8).getMember("retval").asLong());
            }
            assertTrue(
                    log.stream().anyMatch(line -> line.contains("opt done")),
                    () -> "never compiled: " + log);
            log.clear();
            for (int i = 0; i < 4; i++) {
                assertEquals(
                        program.result(),
                        run(entry, program, WARM / 8).getMember("retval").asLong());
            }
            assertEquals(List.of(), log, "left the compiled tier after it was warm");
        }
    }

    private static Value run(Value entry, BenchProgram program, int times) {
        return entry.invokeMember(
                "run",
                ProxyObject.fromMap(
                        Map.of("data", ByteBuffer.wrap(program.data()), "repeat", times)));
    }

    private static Context context(List<String> log, boolean verified) {
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord entry) {
                        if (entry.getMessage().startsWith("opt ")) {
                            log.add(entry.getMessage());
                        }
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
                .option("ebpf.Verify", Boolean.toString(verified))
                .option("engine.TraceCompilation", "true")
                .option("engine.BackgroundCompilation", "false")
                .option("engine.CompilationFailureAction", "Throw")
                .option("engine.FirstTierCompilationThreshold", "50")
                .option("engine.LastTierCompilationThreshold", "400")
                .option("engine.OSRCompilationThreshold", "2048")
                .build();
    }
}

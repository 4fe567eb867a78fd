package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.trufflebpf.api.BpfException;
import org.trufflebpf.api.BpfInput;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.WasmBpf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Applications for wasm-bpf, compiled from C, and the other ways between Wasm and BPF. */
class WasmBpfTest {
    private static final Path MODULES = Path.of("src/test/wasm");

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private Context context(String... arguments) {
        return Polyglot.context()
                .option("wasm.Builtins", "wasi_snapshot_preview1")
                .arguments("wasm", arguments)
                .out(output)
                .err(output)
                .build();
    }

    private static Value module(Context context, Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String name = file.getFileName().toString();
        return context.eval(Source.newBuilder("wasm", ByteSequence.create(bytes), name).build());
    }

    /** Every operation on maps, with the results and errors of {@code bpf()}; see the C file. */
    @Test
    void mapOperationsAndPollingAreThoseOfTheKernel() throws IOException {
        List<BpfException> refused = new ArrayList<>();
        try (Context context = context()) {
            WasmBpf wasm =
                    new WasmBpf(
                                    context,
                                    (program, target) ->
                                            target == null
                                                    ? Stream.of(64, 100)
                                                            .map(byte[]::new)
                                                            .map(BpfInput::packet)
                                                            .iterator()
                                                    : null)
                            .onRefused(refused::add);
            assertEquals(
                    0,
                    wasm.run(module(context, MODULES.resolve("map_operations.wasm"))),
                    "the line of map_operations.c that differs");
        }
        assertEquals(1, refused.size());
        assertEquals(BpfException.Kind.MALFORMED, refused.getFirst().kind());
    }

    @Test
    void missingTableIsSaid() throws IOException {
        try (Context context = context()) {
            Value module = module(context, MODULES.resolve("caller.wasm"));
            BpfException missing =
                    assertThrows(
                            BpfException.class,
                            () ->
                                    new WasmBpf(context, (program, target) -> null)
                                            .define(
                                                    "bpf",
                                                    "count",
                                                    (ProxyExecutable) arguments -> 0)
                                            .run(module));
            assertTrue(missing.getMessage().contains("has no _start"), missing.getMessage());
        }
    }

    /** The packet lies in the module's memory; the map is read from Java. */
    @Test
    void wasmCallsProgram() throws IOException {
        try (Context context = context()) {
            BpfObject counter = BpfObject.of(Polyglot.example(context, "xdp_counter"));
            Value exports =
                    new WasmBpf(context, (program, target) -> null)
                            .define("bpf", "count", counter.program("count"))
                            .instantiate(module(context, MODULES.resolve("caller.wasm")));
            // XDP_PASS is 2
            assertEquals(2 * 1000, exports.invokeMember("send", 0x0806, 1000).asInt());
            assertEquals(2 * 10, exports.invokeMember("send", 0x1234, 10).asInt());
            Map<String, Counter> counters =
                    counter.map("counters").view(String.class, Counter.class);
            assertEquals(
                    Map.of("ARP", new Counter(1000, 64000), "OTHER", new Counter(10, 640)),
                    counters);
        }
    }

    record Counter(long packets, long bytes) {}

    /** The export {@code mix} of caller.c in place of a helper that the kernel does not have. */
    @Test
    void wasmExportServesAsHelper() throws IOException {
        try (Context context = context()) {
            Value types = Polyglot.types(context);
            Value exports =
                    new WasmBpf(context, (program, target) -> null)
                            .define("bpf", "count", (ProxyExecutable) arguments -> 0)
                            .instantiate(module(context, MODULES.resolve("caller.wasm")));
            // it takes two of the five arguments
            assertEquals((7 * 1000003 ^ 2) + 1, custom(types, exports.getMember("mix"), 7));
        }
    }

    private static long custom(Value types, Object helper, long argument) {
        return types.invokeMember(
                        "instantiate",
                        ProxyObject.fromMap(
                                Map.of("functions", ProxyObject.fromMap(Map.of("10001", helper)))))
                .getMember("programs")
                .getMember("custom")
                .execute(argument)
                .getMember("r0")
                .asLong();
    }

    @Test
    void faultOfTheProgramGoesThroughWasm() throws IOException {
        try (Context context = context()) {
            BpfObject types =
                    BpfObject.of(
                            context.eval(
                                    Polyglot.source("language/src/test/fixtures/api/types.o")));
            Value exports =
                    new WasmBpf(context, (program, target) -> null)
                            .define("bpf", "count", types.program("stray"))
                            .instantiate(module(context, MODULES.resolve("caller.wasm")));
            PolyglotException fault =
                    assertThrows(
                            PolyglotException.class, () -> exports.invokeMember("send", 0x0806, 1));
            assertTrue(fault.isHostException());
            BpfException cause = (BpfException) fault.asHostException();
            assertTrue(cause.source().orElseThrow().contains("types.c"), cause.toString());
        }
    }
}

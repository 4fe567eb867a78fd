package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/** The languages are there, compile, and run beside eBPF in one context. */
class LanguagesTest {
    /** {@code (module (func (export "seven") (result i32) i32.const 7))}. */
    private static final byte[] SEVEN = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 9, 1, 5, 's', 'e',
        'v', 'e', 'n', 0, 0, 10, 6, 1, 4, 0, 0x41, 7, 0x0b
    };

    @Test
    void theRuntimeCompiles() {
        try (Engine engine = Engine.create()) {
            assertTrue(
                    engine.getImplementationName().startsWith("GraalVM"),
                    engine.getImplementationName());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "js, '(program) => program(new Uint8Array(64)).verdict'",
        "python, 'lambda program: program(bytes(64)).verdict'",
    })
    void programRuns(String language, String function) {
        try (Context context = Polyglot.context().build()) {
            Value program =
                    Polyglot.example(context, "xdp_counter")
                            .getMember("programs")
                            .getMember("count");
            Value run = context.eval(language, function);
            assertEquals("XDP_PASS", run.execute(program).asString());
        }
    }

    @Test
    void wasmRuns() throws IOException {
        try (Context context = Polyglot.context().build()) {
            Value module =
                    context.eval(
                            Source.newBuilder("wasm", ByteSequence.create(SEVEN), "seven").build());
            Value seven = module.newInstance().getMember("exports").getMember("seven");
            assertEquals(7, seven.execute().asInt());
        }
    }
}

package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** A function of another language that serves as a helper becomes part of the program's code. */
class InliningTest {
    private static final int WARM = 4_000;

    /** What the engine says. */
    private static final class Log extends Handler {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void helperInJavaScriptIsInlinedIntoTheProgram() {
        Log log = new Log();
        try (Context context =
                Polyglot.context()
                        .logHandler(log)
                        .option("engine.BackgroundCompilation", "false")
                        .option("engine.CompilationFailureAction", "Throw")
                        .option("engine.FirstTierCompilationThreshold", "50")
                        .option("engine.LastTierCompilationThreshold", "400")
                        .option("compiler.TraceInlining", "true")
                        .build()) {
            Value helper = context.eval("js", "(function ownHelper(a, b) { return a * 10 + b; })");
            Value object =
                    Polyglot.types(context)
                            .invokeMember(
                                    "instantiate",
                                    ProxyObject.fromMap(
                                            Map.of(
                                                    "functions",
                                                    ProxyObject.fromMap(Map.of("10001", helper)))));
            Value custom = object.getMember("programs").getMember("custom");
            for (int i = 0; i < WARM; i++) {
                assertEquals(10 * i + 3, custom.execute(i).getMember("r0").asInt());
            }
        }
        // what the last tier made of its calls; only that one weighs them, by "call diff"
        List<String> calls =
                log.lines.stream()
                        .flatMap(String::lines)
                        .filter(line -> line.contains("call diff"))
                        .map(line -> line.split("\\|", 2)[0].strip().replaceAll(" +", " "))
                        .filter(line -> line.endsWith(" ownHelper"))
                        .filter(line -> !line.startsWith("Inline "))
                        .distinct()
                        .toList();
        assertEquals(List.of("Inlined ownHelper"), calls, () -> String.join("\n", log.lines));
    }
}

package org.trufflebpf;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Engine;
import org.junit.jupiter.api.Test;

/**
 * Holds the ground under every other test: they mean what they say only on the optimizing Truffle
 * runtime. Without JVMCI or the compiler's jars Truffle interprets everything, and says so in one
 * warning only.
 */
class OptimizingRuntimeTest {

    @Test
    void testsRunOnTheOptimizingRuntime() {
        try (Engine engine = Engine.create()) {
            String name = engine.getImplementationName();
            System.out.println("Truffle runtime: " + name + " " + engine.getVersion());
            assertFalse(name.contains("Interpreted"), name);
        }
    }

    @Test
    void engineFindsTheLanguage() {
        try (Engine engine = Engine.create()) {
            assertTrue(
                    engine.getLanguages().containsKey(EbpfLanguage.ID),
                    () -> engine.getLanguages().toString());
        }
    }
}

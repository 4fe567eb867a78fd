package org.trufflebpf.testing;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;

import java.util.Map;

/** The ways in which a program can be executed; tests of programs run in all of them. */
public enum Mode {
    /** By the interpreter alone. */
    INTERPRETED(Map.of("engine.Compilation", "false")),
    /** Compiled before its first instruction runs. */
    COMPILED(
            Map.of(
                    "engine.CompileImmediately", "true",
                    "engine.BackgroundCompilation", "false",
                    "engine.CompilationFailureAction", "Throw")),
    /**
     * Begun in the interpreter and replaced by compiled code at a back edge; never compiled as a
     * whole. Truffle looks once in {@link #OSR_STRIDE} back edges, counted over all runs of a
     * function, so that is how many it takes.
     */
    OSR(
            Map.of(
                    "engine.OSRCompilationThreshold", "3",
                    "engine.MultiTier", "false",
                    "engine.SingleTierCompilationThreshold", "1000000",
                    "engine.BackgroundCompilation", "false",
                    "engine.CompilationFailureAction", "Throw"));

    /** Back edges until OSR is entered. */
    public static final int OSR_STRIDE = 1024;

    /** Tests hand in byte buffers and arrays. */
    public static final HostAccess ACCESS =
            HostAccess.newBuilder(HostAccess.EXPLICIT)
                    .allowBufferAccess(true)
                    .allowArrayAccess(true)
                    .build();

    private final Map<String, String> options;

    Mode(Map<String, String> options) {
        this.options = options;
    }

    /** A context of its own engine: code is bound to the one context. */
    public Context.Builder context() {
        return Context.newBuilder("ebpf")
                .allowHostAccess(ACCESS)
                .allowExperimentalOptions(true)
                .options(options);
    }

    /** One of several contexts of an engine, see {@link #engine}. */
    public Context.Builder context(Engine engine) {
        return Context.newBuilder("ebpf").engine(engine).allowHostAccess(ACCESS);
    }

    /** An engine for several contexts, which share code. */
    public Engine.Builder engine() {
        return Engine.newBuilder("ebpf").allowExperimentalOptions(true).options(options);
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import org.trufflebpf.object.ProgramSpec;

import java.util.function.Supplier;

/**
 * A program of an instance that is loaded when it is first needed: what a prog array holds and what
 * an embedder runs. An object may have programs that cannot load here; they matter only when they
 * are used.
 */
public final class LoadableProgram {
    private final ProgramSpec spec;
    private Supplier<BoundProgram> loader;
    private volatile BoundProgram bound;

    public LoadableProgram(ProgramSpec spec, Supplier<BoundProgram> loader) {
        this.spec = spec;
        this.loader = loader;
    }

    public ProgramSpec spec() {
        return spec;
    }

    /** The loaded program, {@code null} before it is loaded. */
    public BoundProgram loaded() {
        return bound;
    }

    /**
     * The loaded program.
     *
     * @throws org.trufflebpf.failure.BpfException if it cannot be loaded
     */
    @TruffleBoundary
    public BoundProgram load() {
        BoundProgram result = bound;
        if (result == null) {
            synchronized (this) {
                result = bound;
                if (result == null) {
                    result = loader.get();
                    bound = result;
                    loader = null;
                }
            }
        }
        return result;
    }
}

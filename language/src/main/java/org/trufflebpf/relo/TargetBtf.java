package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;

import java.util.function.Supplier;

/**
 * The BTF of the kernel (or whatever stands for it) that a program is loaded against, read only
 * when a record asks for it: a kernel's BTF has megabytes, and most programs need none. Threads may
 * share one.
 */
public final class TargetBtf {
    private static final TargetBtf NONE = new TargetBtf(() -> null);

    private Supplier<Btf> source;
    private Btf btf;

    private TargetBtf(Supplier<Btf> source) {
        this.source = source;
    }

    public static TargetBtf of(Btf btf) {
        return new TargetBtf(() -> btf);
    }

    /** {@code source} is asked once; it may give {@code null} where there is no BTF. */
    public static TargetBtf lazy(Supplier<Btf> source) {
        return new TargetBtf(source);
    }

    /** No target: records that need one fail. */
    public static TargetBtf none() {
        return NONE;
    }

    /** The BTF, or {@code null} where there is none. */
    public synchronized Btf get() {
        if (source != null) {
            btf = source.get();
            source = null;
        }
        return btf;
    }
}

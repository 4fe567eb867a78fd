package org.trufflebpf.runtime;

/** Calls a function of the guest by its handle, as helpers with callbacks do. */
@FunctionalInterface
public interface Caller {
    /**
     * Calls the function in the next frame of the run's stack.
     *
     * @return r0
     * @throws org.trufflebpf.failure.BpfException TRAP if the handle is not a function's
     */
    long call(Run run, long function, long r1, long r2, long r3, long r4, long r5);
}

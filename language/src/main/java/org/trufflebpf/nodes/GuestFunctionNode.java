package org.trufflebpf.nodes;

import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.runtime.Run;

/** Calls a function of another language with the arguments of a helper. */
public abstract class GuestFunctionNode extends Node {
    /**
     * Converts the arguments, calls, and converts the result.
     *
     * @return r0
     * @throws org.trufflebpf.failure.BpfException TRAP without a place if arguments or result are
     *     not what the function's signature says
     */
    public abstract long execute(Run run, long r1, long r2, long r3, long r4, long r5);
}

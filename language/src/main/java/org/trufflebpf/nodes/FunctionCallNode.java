package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.IndirectCallNode;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Run;

/**
 * Calls a function by its guest address: {@code callx} and the callbacks of helpers. Remembers up
 * to {@link #LIMIT} functions, which are then called directly and may be inlined.
 */
abstract class FunctionCallNode extends Node {
    static final int LIMIT = 3;

    final boolean exclusive;

    FunctionCallNode(boolean exclusive) {
        this.exclusive = exclusive;
    }

    /**
     * Calls with r10 = {@code framePointer}, which the caller has found to be a frame.
     *
     * @throws BpfException TRAP without a place if {@code address} is not that of a function
     */
    abstract long execute(
            Run run, long address, long framePointer, long r1, long r2, long r3, long r4, long r5);

    @Specialization(
            guards = {"exclusive", "address == cachedAddress"},
            limit = "LIMIT")
    static long direct(
            Run run,
            @SuppressWarnings("unused") long address,
            long framePointer,
            long r1,
            long r2,
            long r3,
            long r4,
            long r5,
            @SuppressWarnings("unused") @Cached("address") long cachedAddress,
            @Cached("lookup(run, address)") FunctionReference function,
            @Cached("create(function.target())") DirectCallNode call) {
        return (long)
                call.call(Arguments.of(run, function.binding(), framePointer, r1, r2, r3, r4, r5));
    }

    @Specialization(replaces = "direct")
    static long indirect(
            Run run,
            long address,
            long framePointer,
            long r1,
            long r2,
            long r3,
            long r4,
            long r5,
            @Cached IndirectCallNode call) {
        FunctionReference function = lookup(run, address);
        return (long)
                call.call(
                        function.target(),
                        Arguments.of(run, function.binding(), framePointer, r1, r2, r3, r4, r5));
    }

    @TruffleBoundary
    static FunctionReference lookup(Run run, long address) {
        if (run.machine().handles().get(address) instanceof FunctionReference function) {
            return function;
        }
        throw BpfException.trap(
                "call through 0x"
                        + Long.toHexString(address)
                        + ", which is not a function's address");
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.EbpfContext;
import org.trufflebpf.EbpfThread;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Run;

/**
 * Calls a program from the code of another language: the call may be inlined into it, and costs
 * neither a lock nor a clock. The caller begins the run with {@link #begin}, lays out the input,
 * {@linkplain #call calls}, takes what the run produced, and {@linkplain EbpfThread#end ends} it.
 */
public final class EntryNode extends Node {
    @Child private DirectCallNode program;

    public EntryNode(CallTarget program) {
        this.program = DirectCallNode.create(program);
    }

    /** Begins a run on the thread's own {@link Run}. */
    public static Run begin(EbpfThread thread, BoundProgram bound) {
        return thread.begin(bound, Callbacks.CALLER);
    }

    /**
     * Gives r0.
     *
     * @param bound the program, whose entry is this node's call target
     * @throws BpfException with the program's place
     */
    public long call(EbpfContext context, BoundProgram bound, Run run, long r1) {
        try {
            long r0 = (long) program.call(Arguments.of(run, bound, run.topFrame(), r1, 0, 0, 0, 0));
            if (run.machine().timers().isPending()) {
                runDue(run);
            }
            return r0;
        } catch (StackOverflowError | RuntimeException e) {
            throw failure(context, bound, e);
        }
    }

    @TruffleBoundary
    private static void runDue(Run run) {
        run.machine().timers().runDue(run);
    }

    @TruffleBoundary
    private static RuntimeException failure(
            EbpfContext context, BoundProgram bound, Throwable thrown) {
        RuntimeException failure = ProgramRunner.failure(context, thrown);
        return failure instanceof BpfException e ? e.within(bound.code().where(-1)) : failure;
    }
}

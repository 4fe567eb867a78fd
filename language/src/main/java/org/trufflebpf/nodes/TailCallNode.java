package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.IndirectCallNode;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.map.ProgArrayMap;
import org.trufflebpf.runtime.Run;

/**
 * {@code bpf_tail_call}: runs another program in place of this function, on the same stack frame,
 * and returns its result as the function's own. Falls through where the slot is empty, out of
 * range, or the limit of 33 is used up.
 */
final class TailCallNode extends ConditionNode {
    private final ProgramCode code;
    @CompilationFinal private ProgArrayMap map;
    @CompilationFinal private long mapHandle;
    @Child private TargetNode target;

    TailCallNode(ProgramCode code, Insn insn) {
        super(insn);
        this.code = code;
        this.target = TailCallNodeFactory.TargetNodeGen.create(code.single() != null);
    }

    @Override
    boolean test(VirtualFrame frame) {
        Run run = Arguments.run(frame);
        ProgArrayMap programs = programs(run, Registers.get(frame, 2));
        if (!run.mayTailCall()) {
            return false;
        }
        Object program = programs.target((int) Registers.get(frame, 3));
        if (program == null) {
            return false;
        }
        run.countTailCall();
        long framePointer = Registers.get(frame, Registers.FRAME_POINTER);
        long result =
                target.execute(
                        (LoadableProgram) program, run, framePointer, Registers.get(frame, 1));
        Registers.set(frame, Registers.R0, result);
        return true;
    }

    /** The map of a handle; the first one met is remembered, where there is a single context. */
    private ProgArrayMap programs(Run run, long handle) {
        if (map != null && handle == mapHandle) {
            return map;
        }
        if (map == null && code.single() != null) {
            CompilerDirectives.transferToInterpreterAndInvalidate();
            ProgArrayMap found = find(run, handle);
            mapHandle = handle;
            map = found;
            return found;
        }
        return find(run, handle);
    }

    @TruffleBoundary
    private ProgArrayMap find(Run run, long handle) {
        if (run.machine().handles().get(handle) instanceof ProgArrayMap programs) {
            return programs;
        }
        throw located(
                code,
                BpfException.trap(
                        "bpf_tail_call: R2 is not a pointer to a map of type prog_array"));
    }

    /** Calls the program; remembers up to four, which are then called directly. */
    abstract static class TargetNode extends Node {
        final boolean exclusive;

        TargetNode(boolean exclusive) {
            this.exclusive = exclusive;
        }

        abstract long execute(LoadableProgram program, Run run, long framePointer, long context);

        @Specialization(
                guards = {"exclusive", "program == cachedProgram"},
                limit = "4")
        static long direct(
                @SuppressWarnings("unused") LoadableProgram program,
                Run run,
                long framePointer,
                long context,
                @SuppressWarnings("unused") @Cached("program") LoadableProgram cachedProgram,
                @Cached("program.load()") BoundProgram bound,
                @Cached("create(bound.entry())") DirectCallNode call) {
            return (long) call.call(Arguments.of(run, bound, framePointer, context, 0, 0, 0, 0));
        }

        @Specialization(replaces = "direct")
        static long indirect(
                LoadableProgram program,
                Run run,
                long framePointer,
                long context,
                @Cached IndirectCallNode call) {
            BoundProgram bound = program.load();
            return (long)
                    call.call(
                            bound.entry(),
                            Arguments.of(run, bound, framePointer, context, 0, 0, 0, 0));
        }
    }
}

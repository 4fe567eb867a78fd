package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
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
    @Child private TargetNode target;

    TailCallNode(ProgramCode code, Insn insn) {
        super(insn);
        this.code = code;
        this.target = TailCallNodeFactory.TargetNodeGen.create(code.single() != null);
    }

    @Override
    boolean test(VirtualFrame frame) {
        Run run = Arguments.run(frame);
        LoadableProgram program;
        try {
            program = find(run, Registers.get(frame, 2), Registers.get(frame, 3));
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        if (program == null) {
            return false;
        }
        long framePointer = Registers.get(frame, Registers.FRAME_POINTER);
        long result = target.execute(program, run, framePointer, Registers.get(frame, 1));
        Registers.set(frame, Registers.R0, result);
        return true;
    }

    @TruffleBoundary
    private static LoadableProgram find(Run run, long map, long index) {
        if (!(run.machine().handles().get(map) instanceof ProgArrayMap programs)) {
            throw BpfException.trap(
                    "bpf_tail_call: R2 is not a pointer to a map of type prog_array");
        }
        if (!run.mayTailCall()) {
            return null;
        }
        LoadableProgram program = (LoadableProgram) programs.target((int) index);
        if (program != null) {
            run.countTailCall();
            program.load();
        }
        return program;
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

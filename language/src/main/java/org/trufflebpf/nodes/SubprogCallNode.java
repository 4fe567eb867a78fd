package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.DirectCallNode;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.runtime.Run;

/**
 * A call of another function of the program; it gets the next frame of the stack. Truffle may
 * inline it.
 */
final class SubprogCallNode extends InsnNode {
    private final ProgramCode code;
    private final int function;
    @Child private DirectCallNode call;

    SubprogCallNode(ProgramCode code, Insn insn, int function) {
        super(insn);
        this.code = code;
        this.function = function;
    }

    @Override
    void execute(VirtualFrame frame) {
        if (call == null) {
            CompilerDirectives.transferToInterpreterAndInvalidate();
            call = insert(DirectCallNode.create(code.target(function)));
        }
        Run run = Arguments.run(frame);
        long callee = nextFrame(this, code, run, Registers.get(frame, Registers.FRAME_POINTER));
        Object result =
                call.call(
                        Arguments.of(
                                run,
                                code.binding(frame),
                                callee,
                                Registers.get(frame, 1),
                                Registers.get(frame, 2),
                                Registers.get(frame, 3),
                                Registers.get(frame, 4),
                                Registers.get(frame, 5)));
        Registers.set(frame, Registers.R0, (long) result);
    }

    /** r10 of the function that is called; the stack has room for {@link Run#MAX_FRAMES}. */
    static long nextFrame(InsnNode node, ProgramCode code, Run run, long framePointer) {
        long callee = framePointer - Run.FRAME_STRIDE;
        if (!run.isFrame(callee)) {
            CompilerDirectives.transferToInterpreter();
            throw node.located(
                    code,
                    BpfException.trap("the stack of " + Run.MAX_FRAMES + " frames is used up"));
        }
        return callee;
    }
}

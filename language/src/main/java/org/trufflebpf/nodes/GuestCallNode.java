package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.runtime.Run;

/**
 * A call of a helper or kernel function in whose place an embedder put a function of another
 * language. The call is a node, and no boundary, so that the function may be inlined.
 */
final class GuestCallNode extends InsnNode {
    private final ProgramCode code;
    @Child private GuestFunctionNode function;

    GuestCallNode(ProgramCode code, Insn insn, GuestFunctionNode function) {
        super(insn);
        this.code = code;
        this.function = function;
    }

    @Override
    void execute(VirtualFrame frame) {
        Run run = Arguments.run(frame);
        run.setFramePointer(Registers.get(frame, Registers.FRAME_POINTER));
        long result;
        try {
            result =
                    function.execute(
                            run,
                            Registers.get(frame, 1),
                            Registers.get(frame, 2),
                            Registers.get(frame, 3),
                            Registers.get(frame, 4),
                            Registers.get(frame, 5));
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        Registers.set(frame, Registers.R0, result);
    }
}

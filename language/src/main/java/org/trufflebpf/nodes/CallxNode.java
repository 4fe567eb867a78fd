package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.runtime.Run;

/** {@code callx}: a call of the function whose address is in a register. */
final class CallxNode extends InsnNode {
    private final ProgramCode code;
    private final int dst;
    @Child private FunctionCallNode call;

    CallxNode(ProgramCode code, Insn insn) {
        super(insn);
        this.code = code;
        this.dst = insn.dst();
        this.call = FunctionCallNodeGen.create(code.single() != null);
    }

    @Override
    void execute(VirtualFrame frame) {
        Run run = Arguments.run(frame);
        long callee = SubprogCallNode.nextFrame(this, code, run, Registers.get(frame, Registers.FRAME_POINTER));
        long result;
        try {
            result = call.execute(
                    run,
                    Registers.get(frame, dst),
                    callee,
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

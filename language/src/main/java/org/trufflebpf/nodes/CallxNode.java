package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.ConformanceHelpers;
import org.trufflebpf.helper.HelperCall;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.runtime.Run;

/**
 * {@code callx}: a call of the function whose address is in a register. Programs of the conformance
 * suite call helpers so, by a number, which no address of a function can be.
 */
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
        if (code.isConformance() && Registers.get(frame, dst) >>> 16 == 0) {
            Registers.set(
                    frame,
                    Registers.R0,
                    helper(
                            run,
                            (int) Registers.get(frame, dst),
                            Registers.get(frame, 1),
                            Registers.get(frame, 2),
                            Registers.get(frame, 3),
                            Registers.get(frame, 4),
                            Registers.get(frame, 5)));
            return;
        }
        long callee =
                SubprogCallNode.nextFrame(
                        this, code, run, Registers.get(frame, Registers.FRAME_POINTER));
        long result;
        try {
            result =
                    call.execute(
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

    @TruffleBoundary
    private long helper(Run run, int number, long r1, long r2, long r3, long r4, long r5) {
        HelperRow row;
        try {
            row = ConformanceHelpers.require(number);
        } catch (BpfException e) {
            throw located(code, BpfException.trap(e.getMessage()));
        }
        return HelperCall.call(run, row, r1, r2, r3, r4, r5);
    }
}

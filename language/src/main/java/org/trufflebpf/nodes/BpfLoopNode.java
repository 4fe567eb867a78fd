package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.LoopNode;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

/**
 * {@code bpf_loop}: calls a function up to {@code nr_loops} times; a direct call, so that the body
 * may be inlined.
 */
final class BpfLoopNode extends InsnNode {
    /** Number of the helper. */
    static final int HELPER = 181;

    private final ProgramCode code;
    @Child private FunctionCallNode call;

    BpfLoopNode(ProgramCode code, Insn insn) {
        super(insn);
        this.code = code;
        this.call = FunctionCallNodeGen.create(code.single() != null);
    }

    @Override
    void execute(VirtualFrame frame) {
        int loops = (int) Registers.get(frame, 1);
        if (Registers.get(frame, 4) != 0) {
            Registers.set(frame, Registers.R0, Errno.EINVAL.negative());
        } else if (Integer.compareUnsigned(loops, Run.MAX_LOOPS) > 0) {
            // the kernel inlines the helper, and its inlined form sets the lower half only
            Registers.set(frame, Registers.R0, Errno.E2BIG.negative() & 0xffff_ffffL);
        } else {
            Registers.set(frame, Registers.R0, loop(frame, loops));
        }
    }

    private long loop(VirtualFrame frame, int loops) {
        Run run = Arguments.run(frame);
        long function = Registers.get(frame, 2);
        long context = Registers.get(frame, 3);
        long callee =
                SubprogCallNode.nextFrame(
                        this, code, run, Registers.get(frame, Registers.FRAME_POINTER));
        int done = 0;
        try {
            while (done < loops) {
                TruffleSafepoint.poll(this);
                long stop = call.execute(run, function, callee, done, context, 0, 0, 0);
                done++;
                if (stop != 0) {
                    break;
                }
            }
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        LoopNode.reportLoopCount(this, done);
        return done;
    }
}

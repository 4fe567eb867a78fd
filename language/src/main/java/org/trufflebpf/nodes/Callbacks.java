package org.trufflebpf.nodes;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Caller;
import org.trufflebpf.runtime.Run;

/**
 * Calls functions of the guest on behalf of helpers, on the frame below that of the function that
 * called the helper.
 */
final class Callbacks {
    static final Caller CALLER = Callbacks::call;

    private Callbacks() {}

    /** {@link org.trufflebpf.runtime.Caller#call}. */
    static long call(Run run, long function, long r1, long r2, long r3, long r4, long r5) {
        FunctionReference reference = FunctionCallNode.lookup(run, function);
        long caller = run.framePointer();
        long callee = caller - Run.FRAME_STRIDE;
        if (!run.isFrame(callee)) {
            throw BpfException.trap("the stack of " + Run.MAX_FRAMES + " frames is used up");
        }
        try {
            return (long)
                    reference
                            .target()
                            .call(
                                    Arguments.of(
                                            run, reference.binding(), callee, r1, r2, r3, r4, r5));
        } finally {
            run.setFramePointer(caller);
        }
    }
}

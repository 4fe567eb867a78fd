package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.Truffle;
import com.oracle.truffle.api.frame.FrameDescriptor;
import com.oracle.truffle.api.frame.FrameSlotKind;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.DirectCallNode;
import com.oracle.truffle.api.nodes.LoopNode;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.RepeatingNode;
import com.oracle.truffle.api.nodes.RootNode;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.Watchdog;
import org.trufflebpf.context.ProgramContext;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.runtime.Run;

/**
 * Runs a program several times over one layout of its input, as {@code BPF_PROG_TEST_RUN} does with
 * {@code repeat}. As guest code, so that the program may be inlined into the loop and a run costs
 * no entry from the host.
 */
final class RepeatRootNode extends RootNode {
    private static final int LEFT = 0;
    private static final int RESULT = 1;

    @Child private LoopNode loop;

    RepeatRootNode(EbpfLanguage language, BoundProgram bound, ProgramContext layout) {
        super(language, descriptor());
        this.loop = Truffle.getRuntime().createLoopNode(new Turn(bound, layout));
    }

    private static FrameDescriptor descriptor() {
        FrameDescriptor.Builder builder = FrameDescriptor.newBuilder();
        builder.addSlots(2, FrameSlotKind.Static);
        return builder.build();
    }

    /** The arguments: how often, and what the program runs on. */
    static Object[] arguments(
            int times, Run run, RunInput input, Watchdog.Guarded guarded, long r1, long r2) {
        return new Object[] {times, run, input, guarded, r1, r2};
    }

    /** Gives r0 of the last run. */
    @Override
    public Object execute(VirtualFrame frame) {
        frame.setLongStatic(LEFT, (int) frame.getArguments()[0]);
        frame.setLongStatic(RESULT, 0);
        loop.execute(frame);
        return frame.getLongStatic(RESULT);
    }

    @Override
    public String getName() {
        return "repeat";
    }

    /** One run. */
    private static final class Turn extends Node implements RepeatingNode {
        private final BoundProgram bound;
        private final ProgramContext layout;
        private final boolean prepares;
        @Child private DirectCallNode program;

        Turn(BoundProgram bound, ProgramContext layout) {
            this.bound = bound;
            this.layout = layout;
            this.prepares = layout.preparesRepetitions();
            this.program = DirectCallNode.create(bound.entry());
        }

        @Override
        public boolean executeRepeating(VirtualFrame frame) {
            Object[] arguments = frame.getArguments();
            Run run = (Run) arguments[1];
            Watchdog.Guarded guarded = (Watchdog.Guarded) arguments[3];
            if (guarded != null) {
                guarded.next();
            }
            run.restartTailCalls();
            Object result =
                    program.call(
                            Arguments.of(
                                    run,
                                    bound,
                                    run.topFrame(),
                                    (long) arguments[4],
                                    (long) arguments[5],
                                    0,
                                    0,
                                    0));
            frame.setLongStatic(RESULT, (long) result);
            long left = frame.getLongStatic(LEFT) - 1;
            frame.setLongStatic(LEFT, left);
            if (left == 0) {
                return false;
            }
            if (prepares) {
                prepare(run, (RunInput) arguments[2]);
            }
            if (run.machine().timers().isPending()) {
                runDue(run);
            }
            return true;
        }

        @TruffleBoundary
        private static void runDue(Run run) {
            run.machine().timers().runDue(run);
        }

        @TruffleBoundary
        private void prepare(Run run, RunInput input) {
            layout.repeat(run, input);
        }
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerAsserts;
import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.frame.Frame;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.BytecodeOSRNode;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.ExplodeLoop.LoopExplosionKind;
import com.oracle.truffle.api.nodes.LoopNode;

import org.trufflebpf.cfg.Block;

/**
 * The body of a function, or of one of its regions. Until it is compiled the {@link Interpreter}
 * runs it, whose back edges poll the safepoint and count towards compilation; a function that runs
 * long on its first call is replaced while it runs (OSR), entered at the block the back edge leads
 * to.
 *
 * <p>What is compiled is a loop over an index of blocks. Partial evaluation unrolls it with {@code
 * MERGE_EXPLODE}, one copy of each block, so that the compiled code has the control flow of the
 * program. The index is the only state that the loop carries. Where compiled code is left for good
 * the interpreter goes on at the next block.
 *
 * <p>Code of the last tier has several copies of small loops in a row ({@link LoopCopies}): the
 * index is then that of a block in a copy, and only the last copy has a back edge, so that a poll
 * is shared by all of them.
 */
final class FunctionNode extends BodyNode implements BytecodeOSRNode {
    @Children private final BlockNode[] blocks;
    private final LoopCopies copies;

    @CompilerDirectives.CompilationFinal private Object osrMetadata;

    private final ProgramCode code;
    private final InterpreterCode interpreted;

    FunctionNode(ProgramCode code, BlockNode[] blocks) {
        this.code = code;
        this.blocks = blocks;
        this.copies = new LoopCopies(blocks);
        this.interpreted = new InterpreterCode(blocks);
    }

    InterpreterCode interpreted() {
        return interpreted;
    }

    @Override
    Object execute(VirtualFrame frame) {
        return CompilerDirectives.inInterpreter() ? interpret(frame, 0) : run(frame, 0);
    }

    private Object interpret(VirtualFrame frame, int block) {
        return Interpreter.run(this, frame, code.memory(frame), block);
    }

    @Override
    public Object executeOSR(VirtualFrame osrFrame, long target, Object interpreterState) {
        return run(osrFrame, (int) target);
    }

    /**
     * The function ends in the code that OSR entered, so that the interpreter's frame is not needed
     * again.
     */
    @Override
    public void restoreParentFrame(VirtualFrame osrFrame, VirtualFrame parentFrame) {}

    @ExplodeLoop(kind = LoopExplosionKind.MERGE_EXPLODE)
    private Object run(VirtualFrame frame, int entry) {
        int index = entry;
        boolean lastTier = !CompilerDirectives.hasNextTier();
        LoopCount loops = lastTier ? null : new LoopCount();
        while (true) {
            CompilerAsserts.partialEvaluationConstant(index);
            int from = lastTier ? copies.block(index) : index;
            if (CompilerDirectives.inInterpreter()) {
                // compiled code was left
                return interpret(frame, from);
            }
            BlockNode block = blocks[from];
            block.execute(frame);
            // the two ways stay apart: what they share would not know its block
            if (block.branches() && block.test(frame)) {
                if (block.taken == Block.EXIT) {
                    break;
                }
                count(loops, block.taken <= from);
                index = lastTier ? copies.follow(index, block.taken) : block.taken;
                continue;
            }
            if (block.next == Block.EXIT) {
                break;
            }
            count(loops, block.next <= from);
            index = lastTier ? copies.follow(index, block.next) : block.next;
        }
        if (loops != null) {
            reportLoops(loops.count);
        }
        return Registers.get(frame, Registers.R0);
    }

    /** Goes along an edge in code of the first tier, which counts loops towards the last one. */
    private void count(LoopCount loops, boolean back) {
        if (loops != null && back) {
            loops.count++;
            TruffleSafepoint.poll(this);
        }
    }

    /**
     * Goes around a loop of the interpreter, for the {@link Interpreter#STRIDE}th time; the result
     * of the function if OSR finished it, else {@code null}.
     */
    Object backEdges(VirtualFrame frame, int target, int loops) {
        TruffleSafepoint.poll(this);
        if (!BytecodeOSRNode.pollOSRBackEdge(this, Interpreter.STRIDE)) {
            return null;
        }
        int block = interpreted.block(target);
        Object result = BytecodeOSRNode.tryOSR(this, (long) block, null, null, frame);
        if (result != null) {
            reportLoops(loops);
        }
        return result;
    }

    /** Counts loops towards compilation; there is nothing to count in code of the last tier. */
    void reportLoops(int count) {
        if (count > 0) {
            LoopNode.reportLoopCount(this, count);
        }
    }

    @Override
    public Object[] storeParentFrameInArguments(VirtualFrame parentFrame) {
        Object[] arguments = parentFrame.getArguments();
        arguments[Arguments.PARENT_FRAME] = parentFrame;
        return arguments;
    }

    @Override
    public Frame restoreParentFrameFromArguments(Object[] arguments) {
        return (Frame) arguments[Arguments.PARENT_FRAME];
    }

    @Override
    public Object getOSRMetadata() {
        return osrMetadata;
    }

    @Override
    public void setOSRMetadata(Object metadata) {
        osrMetadata = metadata;
    }

    /**
     * Loops of one call; an object, because the loop may carry no number but the index. None in the
     * last tier.
     */
    private static final class LoopCount {
        private int count;
    }
}

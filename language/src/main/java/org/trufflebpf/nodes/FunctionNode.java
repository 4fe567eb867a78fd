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
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.cfg.Block;

/**
 * The body of a function: a loop over an index of blocks. Partial evaluation unrolls it with {@code
 * MERGE_EXPLODE}, one copy of each block, so that the compiled code has the control flow of the
 * program. The index is the only state that the loop carries. Back edges poll the safepoint and
 * count towards compilation; a function that runs long on its first call is replaced while it runs
 * (OSR), entered at the block the back edge leads to.
 *
 * <p>Code of the last tier has several copies of small loops in a row ({@link LoopCopies}): the
 * index is then that of a block in a copy, and only the last copy has a back edge, so that a poll
 * is shared by all of them.
 */
final class FunctionNode extends Node implements BytecodeOSRNode {
    @Children private final BlockNode[] blocks;
    private final LoopCopies copies;

    @CompilerDirectives.CompilationFinal private Object osrMetadata;

    FunctionNode(BlockNode[] blocks) {
        this.blocks = blocks;
        this.copies = new LoopCopies(blocks);
    }

    Object execute(VirtualFrame frame) {
        return run(frame, 0);
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
        boolean lastTier = CompilerDirectives.inCompiledCode() && !CompilerDirectives.hasNextTier();
        LoopCount loops = lastTier ? null : new LoopCount();
        while (true) {
            CompilerAsserts.partialEvaluationConstant(index);
            int from = lastTier ? copies.block(index) : index;
            BlockNode block = blocks[from];
            block.execute(frame);
            if (block.branches() && block.test(frame)) {
                if (block.taken == Block.EXIT) {
                    break;
                }
                int following = lastTier ? copies.follow(index, block.taken) : block.taken;
                if (!lastTier && block.taken <= from) {
                    Object result = backEdge(frame, block.taken, loops);
                    if (result != null) {
                        return result;
                    }
                }
                index = following;
                continue;
            }
            if (block.next == Block.EXIT) {
                break;
            }
            int following = lastTier ? copies.follow(index, block.next) : block.next;
            if (!lastTier && block.next <= from) {
                Object result = backEdge(frame, block.next, loops);
                if (result != null) {
                    return result;
                }
            }
            index = following;
        }
        report(loops);
        return Registers.get(frame, Registers.R0);
    }

    /** Goes around a loop; the result of the function if OSR finished it, else {@code null}. */
    private Object backEdge(VirtualFrame frame, int target, LoopCount loops) {
        TruffleSafepoint.poll(this);
        if (loops != null) {
            loops.count++;
        }
        if (CompilerDirectives.inInterpreter() && BytecodeOSRNode.pollOSRBackEdge(this, 1)) {
            Object result = BytecodeOSRNode.tryOSR(this, (long) target, null, null, frame);
            if (result != null) {
                report(loops);
            }
            return result;
        }
        return null;
    }

    /** Counts loops towards compilation; there is nothing to count in code of the last tier. */
    private void report(LoopCount loops) {
        if (loops != null && loops.count > 0) {
            LoopNode.reportLoopCount(this, loops.count);
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

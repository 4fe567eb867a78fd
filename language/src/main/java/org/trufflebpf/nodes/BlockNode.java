package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.Node;

/**
 * A basic block: instructions, then perhaps a branch. Which block follows is decided by {@link
 * FunctionNode}.
 */
final class BlockNode extends Node {
    @Children private final InsnNode[] body;
    @Child private ConditionNode branch;

    /** Block that follows when the branch is taken. */
    final int taken;

    /** Block that follows otherwise. */
    final int next;

    @CompilationFinal private int takenCount;
    @CompilationFinal private int nextCount;

    BlockNode(InsnNode[] body, ConditionNode branch, int taken, int next) {
        this.body = body;
        this.branch = branch;
        this.taken = taken;
        this.next = next;
    }

    @ExplodeLoop
    void execute(VirtualFrame frame) {
        for (InsnNode insn : body) {
            insn.execute(frame);
        }
    }

    /** Number of instructions. */
    int length() {
        return body.length + (branch == null ? 0 : 1);
    }

    boolean branches() {
        return branch != null;
    }

    /**
     * Runs the branch. The interpreter counts both ways; compiled code tells the compiler their
     * ratio. A way that was never taken is still compiled: rare packets must not throw compiled
     * code away.
     */
    boolean test(VirtualFrame frame) {
        boolean result = branch.test(frame);
        if (CompilerDirectives.inInterpreter()) {
            count(result);
            return result;
        }
        return CompilerDirectives.injectBranchProbability(probability(), result);
    }

    private void count(boolean result) {
        if (result) {
            if (takenCount < Integer.MAX_VALUE) {
                takenCount++;
            }
        } else if (nextCount < Integer.MAX_VALUE) {
            nextCount++;
        }
    }

    private double probability() {
        // a thousandth at least, so that a way not seen yet is unlikely and not impossible
        double total = (double) takenCount + nextCount;
        return total == 0 ? 0.5 : Math.clamp(takenCount / total, 0.001, 0.999);
    }
}

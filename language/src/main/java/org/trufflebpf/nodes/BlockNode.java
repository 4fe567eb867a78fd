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

    /**
     * How often the branch was taken, and behind it how often not: counted by the interpreter.
     * {@code null} where there is nothing to count, as the branch is decided.
     */
    @CompilationFinal(dimensions = 1)
    private int[] counts;

    @CompilationFinal private int counter;

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

    /** Whether it calls a function of the program, which the compiler may inline. */
    boolean calls() {
        for (InsnNode insn : body) {
            if (insn instanceof SubprogCallNode
                    || insn instanceof CallxNode
                    || insn instanceof BpfLoopNode) {
                return true;
            }
        }
        return false;
    }

    boolean branches() {
        return branch != null;
    }

    /**
     * Appends the instructions, and gives the position of the branch or {@link
     * InterpreterCode#NOWHERE}.
     */
    int encode(InterpreterCode code) {
        for (InsnNode insn : body) {
            insn.encode(code);
        }
        return branch == null ? InterpreterCode.NOWHERE : branch.encode(code, taken);
    }

    /** Tells where the interpreter counts the ways of the branch. */
    void count(int[] allCounts, int first) {
        this.counts = allCounts;
        this.counter = first;
    }

    /**
     * Runs the branch. The interpreter counts both ways; compiled code tells the compiler their
     * ratio. A way that was never taken is still compiled: rare packets must not throw compiled
     * code away.
     */
    boolean test(VirtualFrame frame) {
        boolean result = branch.test(frame);
        if (CompilerDirectives.inInterpreter() || counts == null) {
            return result;
        }
        return CompilerDirectives.injectBranchProbability(probability(), result);
    }

    private double probability() {
        // a thousandth at least, so that a way not seen yet is unlikely and not impossible
        double total = (double) counts[counter] + counts[counter + 1];
        return total == 0 ? 0.5 : Math.clamp(counts[counter] / total, 0.001, 0.999);
    }
}

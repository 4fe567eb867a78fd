package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InterpreterCode.Op;

/** The last instruction of a block where it decides between two ways. */
abstract class ConditionNode extends InsnNode {
    ConditionNode(Insn insn) {
        super(insn);
    }

    ConditionNode(int index) {
        super(index);
    }

    /** Runs the instruction; true takes the branch. */
    abstract boolean test(VirtualFrame frame);

    /**
     * Appends the branch, which leads to {@code block} when it is taken, and gives the position
     * where its ways are counted, {@link InterpreterCode#NOWHERE} if they are not.
     */
    int encode(InterpreterCode code, int block) {
        return code.add(Op.CONDITION, 0, Registers.ZERO, 0, block, code.node(this));
    }

    @Override
    final void execute(VirtualFrame frame) {
        throw new IllegalStateException("a branch is tested, not executed");
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/** The last instruction of a block where it decides between two ways. */
abstract class ConditionNode extends InsnNode {
    ConditionNode(Insn insn) {
        super(insn);
    }

    /** Runs the instruction; true takes the branch. */
    abstract boolean test(VirtualFrame frame);

    @Override
    final void execute(VirtualFrame frame) {
        throw new IllegalStateException("a branch is tested, not executed");
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/**
 * {@code may_goto}: falls through until the function's loop budget is used up, then leaves the
 * loop.
 */
final class MayGotoNode extends ConditionNode {
    MayGotoNode(Insn insn) {
        super(insn);
    }

    @Override
    boolean test(VirtualFrame frame) {
        return !Registers.countIteration(frame);
    }
}

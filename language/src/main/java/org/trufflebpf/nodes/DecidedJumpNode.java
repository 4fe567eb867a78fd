package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/**
 * A conditional jump that goes one way on every path, as the verifier proved: the compiler sees no
 * condition, and does not compile what only the other way leads to.
 */
final class DecidedJumpNode extends ConditionNode {
    private final boolean taken;

    DecidedJumpNode(Insn insn, boolean taken) {
        super(insn);
        this.taken = taken;
    }

    @Override
    boolean test(VirtualFrame frame) {
        return taken;
    }
}

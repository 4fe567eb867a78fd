package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InterpreterCode.Op;

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
    int encode(InterpreterCode code, int block) {
        if (taken) {
            code.add(Op.JUMP, 0, Registers.ZERO, 0, block, 0);
        }
        return InterpreterCode.NOWHERE;
    }

    @Override
    boolean test(VirtualFrame frame) {
        return taken;
    }
}

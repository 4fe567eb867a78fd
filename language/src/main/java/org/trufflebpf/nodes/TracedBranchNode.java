package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/** A branch that reports itself to the {@link InsnListener} after it was decided. */
final class TracedBranchNode extends ConditionNode {
    private final ProgramCode code;
    private final Insn insn;
    @Child private ConditionNode inner;

    TracedBranchNode(ProgramCode code, Insn insn, ConditionNode inner) {
        super(insn);
        this.code = code;
        this.insn = insn;
        this.inner = inner;
    }

    @Override
    boolean test(VirtualFrame frame) {
        long[] before = InsnTracer.registers(frame);
        boolean result = inner.test(frame);
        InsnTracer.report(code, insn, before, InsnTracer.registers(frame), result);
        return result;
    }
}

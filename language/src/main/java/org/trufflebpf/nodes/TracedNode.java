package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/** An instruction that reports itself to the {@link InsnListener} after it ran. */
final class TracedNode extends InsnNode {
    private final ProgramCode code;
    private final Insn insn;
    @Child private InsnNode inner;

    TracedNode(ProgramCode code, Insn insn, InsnNode inner) {
        super(insn);
        this.code = code;
        this.insn = insn;
        this.inner = inner;
    }

    @Override
    void execute(VirtualFrame frame) {
        long[] before = InsnTracer.registers(frame);
        inner.execute(frame);
        InsnTracer.report(code, insn, before, InsnTracer.registers(frame), null);
    }
}

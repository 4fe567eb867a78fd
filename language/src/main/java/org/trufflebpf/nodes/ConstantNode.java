package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InterpreterCode.Op;

/** A 64-bit immediate that means itself (lddw with src 0). */
final class ConstantNode extends InsnNode {
    private final int dst;
    private final long value;

    ConstantNode(Insn insn) {
        super(insn);
        this.dst = insn.dst();
        this.value = insn.imm64();
    }

    @Override
    void encode(InterpreterCode code) {
        code.add(Op.MOV64, dst, Registers.ZERO, 0, 0, value);
    }

    @Override
    void execute(VirtualFrame frame) {
        Registers.set(frame, dst, value);
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/**
 * {@code addr_space_cast} between a pointer into an arena as user space sees it and as the program
 * dereferences it. Guest addresses have 32 bits, so that both are the lower half.
 */
final class AddressSpaceCastNode extends InsnNode {
    private final int dst;
    private final int src;

    AddressSpaceCastNode(Insn insn) {
        super(insn);
        this.dst = insn.dst();
        this.src = insn.src();
    }

    @Override
    void execute(VirtualFrame frame) {
        Registers.set(frame, dst, Registers.get(frame, src) & 0xffff_ffffL);
    }
}

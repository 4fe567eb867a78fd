package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/**
 * An instruction whose effect is which block follows; a node only where instructions are traced.
 */
final class NopNode extends InsnNode {
    NopNode(Insn insn) {
        super(insn);
    }

    @Override
    void execute(VirtualFrame frame) {}
}

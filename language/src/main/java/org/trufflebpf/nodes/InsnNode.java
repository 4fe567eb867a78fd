package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;

/** One instruction. Reads and writes registers in the frame; falls through to the next one. */
abstract class InsnNode extends Node {
    /** The instruction's slot in the program. */
    final int index;

    InsnNode(Insn insn) {
        this.index = insn.index();
    }

    abstract void execute(VirtualFrame frame);

    /** Adds to an error the place of this instruction. */
    @TruffleBoundary
    final BpfException located(ProgramCode code, BpfException error) {
        return error.within(code.where(index));
    }
}

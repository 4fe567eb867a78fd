package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InterpreterCode.Op;

/** One instruction. Reads and writes registers in the frame; falls through to the next one. */
abstract class InsnNode extends Node {
    /** The instruction's slot in the program. */
    final int index;

    InsnNode(Insn insn) {
        this(insn.index());
    }

    /** For what is no instruction of the program, but has to be done at one. */
    InsnNode(int index) {
        this.index = index;
    }

    abstract void execute(VirtualFrame frame);

    /** Appends the instruction as the interpreter runs it; by its node if there is no other way. */
    void encode(InterpreterCode code) {
        code.add(Op.NODE, 0, Registers.ZERO, 0, code.node(this), 0);
    }

    /** Adds to an error the place of this instruction. */
    @TruffleBoundary
    final BpfException located(ProgramCode code, BpfException error) {
        return error.within(code.where(index));
    }
}

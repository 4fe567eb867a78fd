package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;

/** An instruction that could not be relocated: it fails only if it is reached. */
final class PoisonNode extends InsnNode {
    private final ProgramCode code;
    private final String message;

    PoisonNode(ProgramCode code, Insn insn, String message) {
        super(insn);
        this.code = code;
        this.message = message;
    }

    @Override
    void execute(VirtualFrame frame) {
        CompilerDirectives.transferToInterpreter();
        throw located(code, BpfException.trap(message));
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.insn.Insn;

/** A call of a ring buffer's helper: {@link RingbufNode}. */
final class RingbufInsnNode extends InsnNode {
    private final ProgramCode code;
    @Child private RingbufNode helper;

    RingbufInsnNode(ProgramCode code, Insn insn, HelperRow row) {
        super(insn);
        this.code = code;
        this.helper = RingbufNodeGen.create(row, code.isVerified());
    }

    @Override
    void execute(VirtualFrame frame) {
        long result;
        try {
            result =
                    helper.execute(
                            Arguments.run(frame),
                            Registers.get(frame, 1),
                            Registers.get(frame, 2),
                            Registers.get(frame, 3));
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        Registers.set(frame, Registers.R0, result);
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.context.PacketLoad;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.runtime.Run;

/**
 * Packet access in the style of classic BPF (RFC 9669 section 5.5): reads in network byte order at
 * an offset into the packet; outside of it the program ends with result 0.
 */
final class PacketLoadNode extends ConditionNode {
    private final ProgramCode code;
    private final int src;
    private final int imm;
    private final int size;
    private final boolean indirect;

    PacketLoadNode(ProgramCode code, Insn insn) {
        super(insn);
        this.code = code;
        this.src = insn.src();
        this.imm = insn.imm();
        this.size = insn.opcode().bits() / 8;
        this.indirect = insn.opcode().kind() == Kind.LD_IND;
    }

    @Override
    boolean test(VirtualFrame frame) {
        int offset = indirect ? (int) Registers.get(frame, src) + imm : imm;
        long value;
        try {
            value = load(Arguments.run(frame), offset);
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        if (value < 0) {
            Registers.set(frame, Registers.R0, 0);
            return true;
        }
        Registers.set(frame, Registers.R0, value);
        return false;
    }

    @TruffleBoundary
    private long load(Run run, int offset) {
        return PacketLoad.load(run, offset, size);
    }
}

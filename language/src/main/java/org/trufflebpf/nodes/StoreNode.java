package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.memory.Memory;

/** Stores: {@code ST} of an immediate, {@code STX} of a register, and {@code store_release}. */
final class StoreNode extends MemoryNode {
    private final int src;
    private final long imm;
    private final boolean fromRegister;
    private final boolean release;

    StoreNode(ProgramCode code, Insn insn) {
        super(code, insn, insn.dst(), true);
        this.src = insn.src();
        this.imm = insn.imm();
        this.fromRegister = insn.opcode().kind() != Kind.ST;
        this.release = insn.opcode().kind() == Kind.STORE_RELEASE;
    }

    @Override
    void execute(VirtualFrame frame) {
        long address = address(frame);
        Memory memory = code.memory(frame);
        if (release) {
            memory.releaseFence();
        }
        store(memory, address, fromRegister ? Registers.get(frame, src) : imm);
    }
}

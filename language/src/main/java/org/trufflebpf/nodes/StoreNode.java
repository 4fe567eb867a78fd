package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.context.ProgramContext;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.nodes.InterpreterCode.Op;

/** Stores: {@code ST} of an immediate, {@code STX} of a register, and {@code store_release}. */
final class StoreNode extends MemoryNode {
    private final int src;
    private final long imm;
    private final boolean fromRegister;
    private final boolean release;

    /**
     * Of a 32-bit field of the context that the kernel keeps in fewer bits, those bits; else all.
     */
    private final long keptBits;

    StoreNode(ProgramCode code, Insn insn) {
        super(code, insn, insn.dst(), true);
        this.src = insn.src();
        this.imm = insn.imm();
        this.fromRegister = insn.opcode().kind() != Kind.ST;
        this.release = insn.opcode().kind() == Kind.STORE_RELEASE;
        ProgramContext context = ProgramContexts.of(code.program().spec().type());
        this.keptBits = bits == 32 ? context.keptBits(insn.off()) : -1;
    }

    @Override
    void encode(InterpreterCode interpreted) {
        if (release || keptBits != -1) {
            super.encode(interpreted);
            return;
        }
        int op =
                switch (bits) {
                    case 8 -> Op.STORE8;
                    case 16 -> Op.STORE16;
                    case 32 -> Op.STORE32;
                    default -> Op.STORE64;
                };
        if (fromRegister) {
            encode(interpreted, op, base, src, 0);
        } else {
            encode(interpreted, op, base, Registers.ZERO, imm);
        }
    }

    @Override
    void execute(VirtualFrame frame) {
        long pointer = pointer(frame);
        Memory memory = code.memory(frame);
        if (release) {
            memory.releaseFence();
        }
        long value = fromRegister ? Registers.get(frame, src) : imm;
        if (keptBits != -1 && pointer == Arguments.run(frame).context().start()) {
            value &= keptBits;
        }
        store(memory, pointer, value);
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.nodes.InterpreterCode.Op;

/** Loads: {@code LDX}, sign-extending {@code LDSX}, and {@code load_acquire}. */
final class LoadNode extends MemoryNode {
    private final int dst;
    private final boolean signed;
    private final boolean acquire;

    LoadNode(ProgramCode code, Insn insn) {
        super(code, insn, insn.src(), false);
        this.dst = insn.dst();
        this.signed = insn.opcode().kind() == Kind.LDSX;
        this.acquire = insn.opcode().kind() == Kind.LOAD_ACQUIRE;
    }

    @Override
    void encode(InterpreterCode interpreted) {
        if (acquire) {
            super.encode(interpreted);
            return;
        }
        int op =
                switch (bits) {
                    case 8 -> signed ? Op.LOADS8 : Op.LOAD8;
                    case 16 -> signed ? Op.LOADS16 : Op.LOAD16;
                    case 32 -> signed ? Op.LOADS32 : Op.LOAD32;
                    default -> Op.LOAD64;
                };
        encode(interpreted, op, dst, base, 0);
    }

    @Override
    void execute(VirtualFrame frame) {
        long pointer = pointer(frame);
        Memory memory = code.memory(frame);
        long value = load(memory, pointer);
        if (acquire) {
            memory.acquireFence();
        }
        Registers.set(frame, dst, signed ? extend(value) : value);
    }

    private long extend(long value) {
        return switch (bits) {
            case 8 -> (byte) value;
            case 16 -> (short) value;
            default -> (int) value;
        };
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.nodes.InterpreterCode.Op;
import org.trufflebpf.runtime.Run;

/**
 * An instruction that accesses memory at a register plus an offset (RFC 9669 section 5). An access
 * to the own frame by a constant offset from r10 is known to be in bounds, and so is one that the
 * verifier has proven; every other one is checked when it happens.
 */
abstract class MemoryNode extends InsnNode {
    final ProgramCode code;
    final int bits;
    final int base;
    final short offset;
    @Child private CheckNode check;

    MemoryNode(ProgramCode code, Insn insn, int base, boolean write) {
        super(insn);
        this.code = code;
        this.bits = insn.opcode().bits();
        this.base = base;
        this.offset = (short) insn.off();
        int size = bits / 8;
        boolean inFrame =
                base == Registers.FRAME_POINTER && offset >= -Run.FRAME_SIZE && offset <= -size;
        boolean known = inFrame || code.isProven(insn);
        this.check = known ? null : CheckNodeGen.create(size, write, code.single() != null);
    }

    /** Appends the access, and in front of it the check if it needs one. */
    final void encode(InterpreterCode interpreted, int op, int dst, int src, long imm) {
        if (check != null) {
            interpreted.add(Op.CHECK, base, Registers.ZERO, 0, interpreted.node(this), 0);
        }
        interpreted.add(op, dst, src, 0, offset, imm);
    }

    /** Holds an access to its bounds. */
    final void check(Run run, long address) {
        try {
            check.execute(run, address);
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
    }

    /** The register that the access is relative to; the access is held to its bounds. */
    final long pointer(VirtualFrame frame) {
        long pointer = Registers.get(frame, base);
        if (check != null) {
            check(Arguments.run(frame), pointer + offset);
        }
        return pointer;
    }

    /** Reads, zero-extended. */
    final long load(Memory memory, long pointer) {
        return switch (bits) {
            case 8 -> memory.getByte(pointer, offset) & 0xffL;
            case 16 -> memory.getShort(pointer, offset) & 0xffffL;
            case 32 -> memory.getInt(pointer, offset) & 0xffff_ffffL;
            default -> memory.getLong(pointer, offset);
        };
    }

    final void store(Memory memory, long pointer, long value) {
        switch (bits) {
            case 8 -> memory.putByte(pointer, offset, (byte) value);
            case 16 -> memory.putShort(pointer, offset, (short) value);
            case 32 -> memory.putInt(pointer, offset, (int) value);
            default -> memory.putLong(pointer, offset, value);
        }
    }
}

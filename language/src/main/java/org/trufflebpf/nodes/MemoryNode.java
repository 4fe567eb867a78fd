package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * An instruction that accesses memory at a register plus an offset (RFC 9669 section 5). An access
 * to the own frame by a constant offset from r10 is known to be in bounds; every other one is
 * checked when it happens.
 */
abstract class MemoryNode extends InsnNode {
    final ProgramCode code;
    final int bits;
    private final int base;
    final long offset;
    @Child private CheckNode check;

    MemoryNode(ProgramCode code, Insn insn, int base, boolean write) {
        super(insn);
        this.code = code;
        this.bits = insn.opcode().bits();
        this.base = base;
        this.offset = insn.off();
        int size = bits / 8;
        boolean inFrame =
                base == Registers.FRAME_POINTER && offset >= -Run.FRAME_SIZE && offset <= -size;
        this.check = inFrame ? null : CheckNodeGen.create(size, write, code.single() != null);
    }

    /** The address of the access, held to its bounds. */
    final long address(VirtualFrame frame) {
        long address = Registers.get(frame, base) + offset;
        if (check != null) {
            try {
                check.execute(Arguments.run(frame), address);
            } catch (BpfException e) {
                CompilerDirectives.transferToInterpreter();
                throw located(code, e);
            }
        }
        return address;
    }

    /** Reads, zero-extended. */
    final long load(Memory memory, long address) {
        return switch (bits) {
            case 8 -> memory.getByte(address) & 0xffL;
            case 16 -> memory.getShort(address) & 0xffffL;
            case 32 -> memory.getInt(address) & 0xffff_ffffL;
            default -> memory.getLong(address);
        };
    }

    final void store(Memory memory, long address, long value) {
        switch (bits) {
            case 8 -> memory.putByte(address, (byte) value);
            case 16 -> memory.putShort(address, (short) value);
            case 32 -> memory.putInt(address, (int) value);
            default -> memory.putLong(address, value);
        }
    }
}

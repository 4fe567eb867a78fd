package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.nodes.InterpreterCode.Op;

/**
 * Byte order (RFC 9669 section 4.2). {@code le} and {@code be} convert between the program's order
 * and the named one: they swap where the two differ and otherwise only truncate; {@code bswap}
 * always swaps.
 */
final class ByteOrderNode extends AluNode {
    private final int bits;
    private final boolean swap;

    ByteOrderNode(Insn insn, boolean bigEndianProgram) {
        super(insn);
        this.bits = insn.opcode().bits();
        this.swap =
                switch ((Alu) insn.opcode().operation()) {
                    case LE -> bigEndianProgram;
                    case BE -> !bigEndianProgram;
                    default -> true;
                };
    }

    @Override
    void encode(InterpreterCode code) {
        if (swap) {
            int op =
                    switch (bits) {
                        case 16 -> Op.BSWAP16;
                        case 32 -> Op.BSWAP32;
                        default -> Op.BSWAP64;
                    };
            code.add(op, dst, Registers.ZERO, 0, 0, 0);
        } else {
            code.add(Op.AND64, dst, Registers.ZERO, 0, 0, -1L >>> (64 - bits));
        }
    }

    @Override
    void execute(VirtualFrame frame) {
        long value = left(frame);
        long result =
                switch (bits) {
                    case 16 -> swap ? Integer.reverseBytes((int) value) >>> 16 : value & 0xffffL;
                    case 32 ->
                            (swap ? Integer.reverseBytes((int) value) : (int) value) & 0xffff_ffffL;
                    default -> swap ? Long.reverseBytes(value) : value;
                };
        Registers.set(frame, dst, result);
    }
}

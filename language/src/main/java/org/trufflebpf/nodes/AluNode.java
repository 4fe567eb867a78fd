package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.nodes.InterpreterCode.Op;

/**
 * Arithmetic (RFC 9669 sections 4.1 and 4.2), one class for each operation. A register is one
 * 64-bit value throughout; the 32-bit form of an operation takes the lower halves and zero-extends
 * its result.
 */
abstract class AluNode extends InsnNode {
    private static final long LOW = 0xffff_ffffL;

    final int dst;
    final int src;
    final long imm;
    final boolean fromRegister;
    final boolean wide;

    AluNode(Insn insn) {
        super(insn);
        this.dst = insn.dst();
        this.src = insn.src();
        this.imm = insn.imm();
        this.fromRegister = insn.opcode().operand() == Operand.REG;
        this.wide = insn.opcode().bits() == 64;
    }

    /** The destination's value. */
    final long left(VirtualFrame frame) {
        return Registers.get(frame, dst);
    }

    /** The source register's value, or the sign-extended immediate. */
    final long right(VirtualFrame frame) {
        return fromRegister ? Registers.get(frame, src) : imm;
    }

    final void put(VirtualFrame frame, long value) {
        Registers.set(frame, dst, wide ? value : value & LOW);
    }

    final void put32(VirtualFrame frame, int value) {
        Registers.set(frame, dst, Integer.toUnsignedLong(value));
    }

    /** The interpreter's operation, {@link Op#NODE} if it has none. */
    int operation() {
        return Op.NODE;
    }

    @Override
    void encode(InterpreterCode code) {
        if (operation() == Op.NODE) {
            super.encode(code);
            return;
        }
        code.add(
                operation(),
                dst,
                fromRegister ? src : Registers.ZERO,
                wide ? 0 : 32,
                0,
                fromRegister ? 0 : imm);
    }

    /** The node for a row of arithmetic. */
    static AluNode create(Insn insn, boolean bigEndian) {
        return switch ((Alu) insn.opcode().operation()) {
            case ADD -> new Add(insn);
            case SUB -> new Sub(insn);
            case MUL -> new Mul(insn);
            case DIV -> new Div(insn);
            case SDIV -> new Sdiv(insn);
            case OR -> new Or(insn);
            case AND -> new And(insn);
            case LSH -> new Lsh(insn);
            case RSH -> new Rsh(insn);
            case ARSH -> new Arsh(insn);
            case NEG -> new Neg(insn);
            case MOD -> new Mod(insn);
            case SMOD -> new Smod(insn);
            case XOR -> new Xor(insn);
            case MOV -> new Mov(insn);
            case MOVSX8 -> new Movsx8(insn);
            case MOVSX16 -> new Movsx16(insn);
            case MOVSX32 -> new Movsx32(insn);
            case LE, BE, BSWAP -> new ByteOrderNode(insn, bigEndian);
        };
    }

    /** Addition. */
    static final class Add extends AluNode {
        Add(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.ADD64 : Op.ADD32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) + right(frame));
            } else {
                put32(frame, (int) left(frame) + (int) right(frame));
            }
        }
    }

    /** Subtraction. */
    static final class Sub extends AluNode {
        Sub(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.SUB64 : Op.SUB32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) - right(frame));
            } else {
                put32(frame, (int) left(frame) - (int) right(frame));
            }
        }
    }

    /** Multiplication. */
    static final class Mul extends AluNode {
        Mul(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.MUL64 : Op.MUL32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) * right(frame));
            } else {
                put32(frame, (int) left(frame) * (int) right(frame));
            }
        }
    }

    /** Unsigned division; by zero gives 0 (section 4.1). */
    static final class Div extends AluNode {
        Div(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.DIV64 : Op.DIV32;
        }

        @Override
        void execute(VirtualFrame frame) {
            long divisor = right(frame);
            if (wide) {
                put(frame, divisor == 0 ? 0 : Long.divideUnsigned(left(frame), divisor));
            } else {
                put(
                        frame,
                        (int) divisor == 0
                                ? 0
                                : Integer.divideUnsigned((int) left(frame), (int) divisor));
            }
        }
    }

    /** Signed division; by zero gives 0, the least number by -1 itself. */
    static final class Sdiv extends AluNode {
        Sdiv(Insn insn) {
            super(insn);
        }

        @Override
        void execute(VirtualFrame frame) {
            long divisor = right(frame);
            if (wide) {
                put(frame, divisor == 0 ? 0 : left(frame) / divisor);
            } else {
                put(frame, (int) divisor == 0 ? 0 : (int) left(frame) / (int) divisor);
            }
        }
    }

    /** Bitwise or. */
    static final class Or extends AluNode {
        Or(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.OR64 : Op.OR32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) | right(frame));
            } else {
                put32(frame, (int) left(frame) | (int) right(frame));
            }
        }
    }

    /** Bitwise and. */
    static final class And extends AluNode {
        And(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.AND64 : Op.AND32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) & right(frame));
            } else {
                put32(frame, (int) left(frame) & (int) right(frame));
            }
        }
    }

    /** Left shift; the count is taken modulo the width. */
    static final class Lsh extends AluNode {
        Lsh(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.LSH64 : Op.LSH32;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(
                    frame,
                    wide ? left(frame) << right(frame) : (int) left(frame) << (int) right(frame));
        }
    }

    /** Unsigned right shift. */
    static final class Rsh extends AluNode {
        Rsh(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.RSH64 : Op.RSH32;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(
                    frame,
                    wide ? left(frame) >>> right(frame) : (int) left(frame) >>> (int) right(frame));
        }
    }

    /** Signed right shift. */
    static final class Arsh extends AluNode {
        Arsh(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.ARSH64 : Op.ARSH32;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(
                    frame,
                    wide ? left(frame) >> right(frame) : (int) left(frame) >> (int) right(frame));
        }
    }

    /** Two's complement. */
    static final class Neg extends AluNode {
        Neg(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.NEG;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(frame, -left(frame));
        }
    }

    /**
     * Unsigned remainder; by zero leaves the register, its upper half zeroed in the 32-bit form.
     */
    static final class Mod extends AluNode {
        Mod(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.MOD64 : Op.MOD32;
        }

        @Override
        void execute(VirtualFrame frame) {
            long divisor = right(frame);
            if (wide) {
                put(
                        frame,
                        divisor == 0 ? left(frame) : Long.remainderUnsigned(left(frame), divisor));
            } else {
                put(
                        frame,
                        (int) divisor == 0
                                ? left(frame)
                                : Integer.remainderUnsigned((int) left(frame), (int) divisor));
            }
        }
    }

    /** Signed remainder with the sign of the dividend; by zero leaves the register. */
    static final class Smod extends AluNode {
        Smod(Insn insn) {
            super(insn);
        }

        @Override
        void execute(VirtualFrame frame) {
            long divisor = right(frame);
            if (wide) {
                put(frame, divisor == 0 ? left(frame) : left(frame) % divisor);
            } else {
                put(frame, (int) divisor == 0 ? left(frame) : (int) left(frame) % (int) divisor);
            }
        }
    }

    /** Bitwise exclusive or. */
    static final class Xor extends AluNode {
        Xor(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.XOR64 : Op.XOR32;
        }

        @Override
        void execute(VirtualFrame frame) {
            if (wide) {
                put(frame, left(frame) ^ right(frame));
            } else {
                put32(frame, (int) left(frame) ^ (int) right(frame));
            }
        }
    }

    /** Copy. */
    static final class Mov extends AluNode {
        Mov(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return wide ? Op.MOV64 : Op.MOV32;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(frame, right(frame));
        }
    }

    /** Copy of a sign-extended byte. */
    static final class Movsx8 extends AluNode {
        Movsx8(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.MOVSX8;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(frame, (byte) right(frame));
        }
    }

    /** Copy of a sign-extended half word. */
    static final class Movsx16 extends AluNode {
        Movsx16(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.MOVSX16;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(frame, (short) right(frame));
        }
    }

    /** Copy of a sign-extended word. */
    static final class Movsx32 extends AluNode {
        Movsx32(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.MOVSX32;
        }

        @Override
        void execute(VirtualFrame frame) {
            put(frame, (int) right(frame));
        }
    }
}

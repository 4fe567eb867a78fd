package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.nodes.InterpreterCode.Op;

/**
 * Conditional jumps (RFC 9669 section 4.3), one class for each condition; the 32-bit forms compare
 * lower halves.
 */
abstract class JumpNode extends ConditionNode {
    private final int dst;
    private final int src;
    private final long imm;
    private final boolean fromRegister;
    final boolean wide;

    JumpNode(Insn insn) {
        super(insn);
        this.dst = insn.dst();
        this.src = insn.src();
        this.imm = insn.imm();
        this.fromRegister = insn.opcode().operand() == Operand.REG;
        this.wide = insn.opcode().bits() == 64;
    }

    final long left(VirtualFrame frame) {
        return Registers.get(frame, dst);
    }

    final long right(VirtualFrame frame) {
        return fromRegister ? Registers.get(frame, src) : imm;
    }

    /** The interpreter's operation. */
    abstract int operation();

    @Override
    final int encode(InterpreterCode code, int block) {
        return code.add(
                operation(),
                dst,
                fromRegister ? src : Registers.ZERO,
                wide ? 0 : 32,
                block,
                fromRegister ? 0 : imm);
    }

    /** The node for a row of conditional jumps. */
    static JumpNode create(Insn insn) {
        return switch ((Jump) insn.opcode().operation()) {
            case JEQ -> new Jeq(insn);
            case JNE -> new Jne(insn);
            case JSET -> new Jset(insn);
            case JGT -> new Jgt(insn);
            case JGE -> new Jge(insn);
            case JLT -> new Jlt(insn);
            case JLE -> new Jle(insn);
            case JSGT -> new Jsgt(insn);
            case JSGE -> new Jsge(insn);
            case JSLT -> new Jslt(insn);
            case JSLE -> new Jsle(insn);
        };
    }

    /** Equal. */
    static final class Jeq extends JumpNode {
        Jeq(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JEQ;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left == right : (int) left == (int) right;
        }
    }

    /** Not equal. */
    static final class Jne extends JumpNode {
        Jne(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JNE;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left != right : (int) left != (int) right;
        }
    }

    /** Common bits. */
    static final class Jset extends JumpNode {
        Jset(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JSET;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? (left & right) != 0 : (int) (left & right) != 0;
        }
    }

    /** Unsigned greater. */
    static final class Jgt extends JumpNode {
        Jgt(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JGT;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide
                    ? Long.compareUnsigned(left, right) > 0
                    : Integer.compareUnsigned((int) left, (int) right) > 0;
        }
    }

    /** Unsigned greater or equal. */
    static final class Jge extends JumpNode {
        Jge(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JGE;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide
                    ? Long.compareUnsigned(left, right) >= 0
                    : Integer.compareUnsigned((int) left, (int) right) >= 0;
        }
    }

    /** Unsigned less. */
    static final class Jlt extends JumpNode {
        Jlt(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JLT;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide
                    ? Long.compareUnsigned(left, right) < 0
                    : Integer.compareUnsigned((int) left, (int) right) < 0;
        }
    }

    /** Unsigned less or equal. */
    static final class Jle extends JumpNode {
        Jle(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JLE;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide
                    ? Long.compareUnsigned(left, right) <= 0
                    : Integer.compareUnsigned((int) left, (int) right) <= 0;
        }
    }

    /** Signed greater. */
    static final class Jsgt extends JumpNode {
        Jsgt(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JSGT;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left > right : (int) left > (int) right;
        }
    }

    /** Signed greater or equal. */
    static final class Jsge extends JumpNode {
        Jsge(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JSGE;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left >= right : (int) left >= (int) right;
        }
    }

    /** Signed less. */
    static final class Jslt extends JumpNode {
        Jslt(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JSLT;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left < right : (int) left < (int) right;
        }
    }

    /** Signed less or equal. */
    static final class Jsle extends JumpNode {
        Jsle(Insn insn) {
            super(insn);
        }

        @Override
        int operation() {
            return Op.JSLE;
        }

        @Override
        boolean test(VirtualFrame frame) {
            long left = left(frame);
            long right = right(frame);
            return wide ? left <= right : (int) left <= (int) right;
        }
    }
}

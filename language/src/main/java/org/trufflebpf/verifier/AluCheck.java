package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteOrder;

/** Arithmetic on numbers, and of what kind any is (kernel: {@code check_alu_op}). */
final class AluCheck {
    private final Env env;
    private final PointerAlu pointers;

    AluCheck(Env env) {
        this.env = env;
        this.pointers = new PointerAlu(env);
    }

    void check(Insn insn) {
        Alu op = (Alu) insn.opcode().operation();
        boolean narrow = insn.opcode().bits() == 32;
        switch (op) {
            case NEG -> {
                Reg dst = env.read(insn.dst());
                env.write(insn.dst());
                if (dst.isScalar()) {
                    ScalarAlu.apply(op, narrow, dst, dst);
                    ScalarLinks.unlink(dst);
                } else {
                    dst.setUnknown();
                }
            }
            case LE, BE, BSWAP -> {
                Reg dst = env.read(insn.dst());
                env.write(insn.dst());
                byteOrder(insn, op, dst);
            }
            case MOV -> move(insn, narrow);
            case MOVSX8, MOVSX16, MOVSX32 -> moveExtended(insn, op, narrow);
            default -> arithmetic(insn, op, narrow);
        }
        env.reg(insn.dst()).forgetContradiction();
    }

    /** The bits move with their bytes; ranges say nothing any more. */
    private void byteOrder(Insn insn, Alu op, Reg dst) {
        if (!dst.isScalar()) {
            dst.setUnknown();
            return;
        }
        int bytes = insn.opcode().bits() / 8;
        boolean little = env.object.order() == ByteOrder.LITTLE_ENDIAN;
        boolean swaps = op == Alu.BSWAP || (op == Alu.BE) == little;
        Tnum bits = swaps ? dst.bits.swap(bytes) : dst.bits.cast(bytes);
        dst.setUnknown();
        dst.bits = bits;
        dst.sync();
    }

    private void move(Insn insn, boolean narrow) {
        if (insn.opcode().operand() == Operand.IMM) {
            Reg dst = env.write(insn.dst());
            dst.setKnown(narrow ? insn.imm() & 0xffff_ffffL : insn.imm());
            return;
        }
        Reg src = env.read(insn.src());
        Reg dst = env.write(insn.dst());
        if (!narrow) {
            env.links.beforeCopy(src);
            dst.set(src);
            return;
        }
        if (!src.isScalar()) {
            dst.setUnknown();
        } else {
            boolean fits = Env.width(src) <= 32;
            if (fits) {
                env.links.beforeCopy(src);
            }
            dst.set(src);
            if (!fits) {
                ScalarLinks.unlink(dst);
            }
        }
        dst.zeroExtend32();
    }

    private void moveExtended(Insn insn, Alu op, boolean narrow) {
        int bytes = op == Alu.MOVSX8 ? 1 : op == Alu.MOVSX16 ? 2 : 4;
        Reg src = env.read(insn.src());
        Reg dst = env.write(insn.dst());
        if (!src.isScalar()) {
            dst.setUnknown();
        } else {
            boolean same = Long.compareUnsigned(src.umax, 1L << (8 * bytes - 1)) < 0;
            if (same) {
                env.links.beforeCopy(src);
            }
            dst.set(src);
            if (!same) {
                ScalarLinks.unlink(dst);
            }
            if (narrow) {
                dst.signExtend32(bytes);
            } else {
                dst.signExtend(bytes);
            }
        }
        if (narrow) {
            dst.zeroExtend32();
        }
    }

    private void arithmetic(Insn insn, Alu op, boolean narrow) {
        boolean fromReg = insn.opcode().operand() == Operand.REG;
        Reg src;
        if (fromReg) {
            src = env.read(insn.src());
        } else {
            src = new Reg();
            src.setKnown(insn.imm());
            checkImmediate(insn, op);
        }
        Reg dst = env.read(insn.dst());
        env.write(insn.dst());
        if (dst.type == RegType.ARENA) {
            return;
        }
        if (fromReg && !src.isScalar()) {
            if (!dst.isScalar()) {
                if (op == Alu.SUB) {
                    dst.setUnknown();
                    return;
                }
                throw Env.refuse(
                        RefusalKind.POINTER_ARITHMETIC,
                        "R"
                                + insn.dst()
                                + " pointer "
                                + PointerAlu.sign(op)
                                + " pointer prohibited");
            }
            env.precision.mark(insn.dst());
            pointers.check(insn, op, narrow, new Reg(src), new Reg(dst));
            return;
        }
        if (!dst.isScalar()) {
            if (fromReg) {
                env.precision.mark(insn.src());
            }
            pointers.check(insn, op, narrow, new Reg(dst), fromReg ? new Reg(src) : src);
            return;
        }
        if (fromReg && dst.precise) {
            env.precision.mark(insn.src());
        }
        if ((op == Alu.AND || op == Alu.OR) && src.isConst()) {
            fork(insn, dst);
        }
        if (fromReg && isDivision(op)) {
            divisor(insn, narrow, src);
        }
        scalars(op, narrow, dst, src, fromReg && insn.src() == insn.dst());
    }

    private static boolean isDivision(Alu op) {
        return switch (op) {
            case DIV, SDIV, MOD, SMOD -> true;
            default -> false;
        };
    }

    /**
     * A divisor that cannot be zero needs no test when it runs. That relies on its range, as
     * nothing in the kernel does, so it is left alone in loops and callbacks, whose end may depend
     * on it.
     */
    private void divisor(Insn insn, boolean narrow, Reg src) {
        boolean nonZero =
                narrow
                        ? src.u32min != 0 || src.s32min > 0 || src.s32max < 0
                        : src.umin != 0 || src.smin > 0 || src.smax < 0;
        boolean loops = env.layout.scc[insn.index()] != 0 || env.state.frame().inCallback;
        env.proofs.divides(insn.index(), nonZero && !loops);
        if (nonZero && !loops) {
            env.precision.mark(insn.src());
        }
    }

    private static void checkImmediate(Insn insn, Alu op) {
        switch (op) {
            case DIV, SDIV, MOD, SMOD -> {
                if (insn.imm() == 0) {
                    throw Env.refuse(RefusalKind.INSTRUCTION, "div by zero");
                }
            }
            case LSH, RSH, ARSH -> {
                if (insn.imm() < 0 || insn.imm() >= insn.opcode().bits()) {
                    throw Env.refuse(RefusalKind.INSTRUCTION, "invalid shift " + insn.imm());
                }
            }
            default -> {}
        }
    }

    /** A mask that is all ones or zero is walked both ways: what a shift by 63 leaves. */
    private void fork(Insn insn, Reg dst) {
        boolean wide = dst.smin == -1 && dst.smax == 0;
        boolean low = dst.s32min == -1 && dst.s32max == 0;
        if (!wide && !low) {
            return;
        }
        State other = env.push(env.insn, env.previous);
        Reg twin = other.reg(insn.dst());
        if (wide) {
            twin.setKnown(0);
            dst.setKnown(-1);
        } else {
            twin.setConst32(0);
            twin.sync();
            dst.setConst32(-1);
            dst.sync();
        }
    }

    private void scalars(Alu op, boolean narrow, Reg dst, Reg src, boolean self) {
        Scalar operand = src;
        if (self) {
            operand = new Scalar();
            operand.copyRange(src);
        }
        boolean fits = !narrow || Env.width(dst) <= 32;
        boolean known = true;
        switch (op) {
            case DIV, SDIV, MOD, SMOD -> {
                dst.setUnknown();
                known = false;
            }
            default -> {
                known = ScalarAlu.apply(op, narrow, dst, operand);
                if (!known) {
                    dst.setUnknown();
                }
            }
        }
        boolean moved = op == Alu.ADD || op == Alu.SUB;
        if (known && moved && fits && dst.id != 0 && operand.isConst() && !self) {
            ScalarLinks.move(op, narrow, dst, operand.bits.value());
        } else {
            ScalarLinks.unlink(dst);
        }
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteOrder;

/** Arithmetic on numbers and pointers (kernel: {@code check_alu_op}). */
final class AluCheck {
    private final Env env;

    AluCheck(Env env) {
        this.env = env;
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
                    Env.unlink(dst);
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
            env.linkBeforeCopy(src);
            dst.set(src);
            return;
        }
        if (!src.isScalar()) {
            dst.setUnknown();
        } else {
            boolean fits = Env.width(src) <= 32;
            if (fits) {
                env.linkBeforeCopy(src);
            }
            dst.set(src);
            if (!fits) {
                Env.unlink(dst);
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
                env.linkBeforeCopy(src);
            }
            dst.set(src);
            if (!same) {
                Env.unlink(dst);
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
                        "R" + insn.dst() + " pointer " + sign(op) + " pointer prohibited");
            }
            env.precision.mark(insn.dst());
            pointer(insn, op, narrow, new Reg(src), new Reg(dst));
            return;
        }
        if (!dst.isScalar()) {
            if (fromReg) {
                env.precision.mark(insn.src());
            }
            pointer(insn, op, narrow, new Reg(dst), fromReg ? new Reg(src) : src);
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
            move(op, narrow, dst, operand.bits.value());
        } else {
            Env.unlink(dst);
        }
    }

    /** A number that was copied is linked with the copy still, once it is moved by a constant. */
    private static void move(Alu op, boolean narrow, Reg dst, long by) {
        long value = narrow ? (int) by : by;
        long delta = op == Alu.ADD ? value : -value;
        if ((dst.id & Reg.ADD_CONST) != 0 || value != (int) value || delta != (int) delta) {
            Env.unlink(dst);
        } else {
            dst.id |= narrow ? Reg.ADD_CONST32 : Reg.ADD_CONST64;
            dst.off = (int) delta;
        }
    }

    // ---- pointers

    /** Kernel: {@code adjust_ptr_min_max_vals}. */
    private void pointer(Insn insn, Alu op, boolean narrow, Reg ptr, Reg num) {
        Reg dst = env.reg(insn.dst());
        String name = "R" + insn.dst();
        if (num.isImpossible()) {
            dst.setUnknown();
            return;
        }
        if (narrow) {
            if (op == Alu.SUB) {
                dst.setUnknown();
                return;
            }
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC, name + " 32-bit pointer arithmetic prohibited");
        }
        boolean known = num.isConst();
        if (ptr.has(Reg.NULL)) {
            throw Env.refuse(
                    RefusalKind.MAYBE_NULL,
                    name
                            + " pointer arithmetic on "
                            + Log.typeName(ptr)
                            + " prohibited, null-check it first");
        }
        if (ptr.type == RegType.MEM && ptr.has(Reg.UNTRUSTED)) {
            dst.set(ptr);
            return;
        }
        boolean allowed =
                switch (ptr.type) {
                    case CTX,
                            MAP_VALUE,
                            MAP_KEY,
                            STACK,
                            PACKET,
                            PACKET_META,
                            TP_BUFFER,
                            BTF,
                            MEM,
                            BUF,
                            FUNC,
                            DYNPTR ->
                            true;
                    case FLOW_KEYS -> known;
                    case MAP_PTR -> known && num.smin == 0 && op == Alu.ADD;
                    default -> false;
                };
        if (!allowed) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    name + " pointer arithmetic on " + Log.typeName(ptr) + " prohibited");
        }
        saneOffset(num, ptr);
        saneOffset(ptr, ptr);
        boolean reversed = insn.opcode().operand() == Operand.REG && env.reg(insn.src()) != dst;
        boolean scalarFirst = reversed && dst.isScalar();
        switch (op) {
            case ADD -> add(dst, ptr, num, known);
            case SUB -> {
                if (scalarFirst) {
                    throw Env.refuse(
                            RefusalKind.POINTER_ARITHMETIC,
                            name + " tried to subtract pointer from scalar");
                }
                if (ptr.type == RegType.STACK) {
                    throw Env.refuse(
                            RefusalKind.POINTER_ARITHMETIC,
                            name + " subtraction from stack pointer prohibited");
                }
                sub(dst, ptr, num, known);
            }
            case AND, OR, XOR ->
                    throw Env.refuse(
                            RefusalKind.POINTER_ARITHMETIC,
                            name + " bitwise operator " + sign(op) + " on pointer prohibited");
            default ->
                    throw Env.refuse(
                            RefusalKind.POINTER_ARITHMETIC,
                            name + " pointer arithmetic with " + sign(op) + " operator prohibited");
        }
        saneOffset(dst, ptr);
        dst.sync();
    }

    private void add(Reg dst, Reg ptr, Reg num, boolean known) {
        dst.set(ptr);
        dst.unbound32();
        long fixed = ptr.off + num.smin;
        if (known && fixed == (int) fixed) {
            dst.off = (int) fixed;
            return;
        }
        long smin = ptr.smin + num.smin;
        long smax = ptr.smax + num.smax;
        if (((ptr.smin ^ smin) & (num.smin ^ smin)) < 0
                || ((ptr.smax ^ smax) & (num.smax ^ smax)) < 0) {
            dst.unboundSigned64();
        } else {
            dst.smin = smin;
            dst.smax = smax;
        }
        long umin = ptr.umin + num.umin;
        long umax = ptr.umax + num.umax;
        if (Long.compareUnsigned(umin, ptr.umin) < 0 || Long.compareUnsigned(umax, ptr.umax) < 0) {
            umin = 0;
            umax = -1;
        }
        dst.umin = umin;
        dst.umax = umax;
        dst.bits = ptr.bits.add(num.bits);
        if (ptr.type.isPacket()) {
            dst.id = env.newId();
            dst.range = 0;
        }
    }

    private void sub(Reg dst, Reg ptr, Reg num, boolean known) {
        dst.set(ptr);
        dst.unbound32();
        long fixed = ptr.off - num.smin;
        if (known && fixed == (int) fixed) {
            dst.off = (int) fixed;
            return;
        }
        long smin = ptr.smin - num.smax;
        long smax = ptr.smax - num.smin;
        if (((ptr.smin ^ num.smax) & (ptr.smin ^ smin)) < 0
                || ((ptr.smax ^ num.smin) & (ptr.smax ^ smax)) < 0) {
            dst.unboundSigned64();
        } else {
            dst.smin = smin;
            dst.smax = smax;
        }
        if (Long.compareUnsigned(ptr.umin, num.umax) < 0) {
            dst.umin = 0;
            dst.umax = -1;
        } else {
            dst.umin = ptr.umin - num.umax;
            dst.umax = ptr.umax - num.umin;
        }
        dst.bits = ptr.bits.sub(num.bits);
        if (ptr.type.isPacket()) {
            dst.id = env.newId();
            if (num.smin < 0) {
                dst.range = 0;
            }
        }
    }

    private static void saneOffset(Reg reg, Reg pointer) {
        long value = reg.bits.value();
        String name = Log.typeName(pointer);
        if (reg.isConst() && (value >= Env.MAX_VAR_OFF || value <= -Env.MAX_VAR_OFF)) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    "math between " + name + " pointer and " + value + " is not allowed");
        }
        if (!reg.isScalar() && (reg.off >= Env.MAX_VAR_OFF || reg.off <= -Env.MAX_VAR_OFF)) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    name + " pointer offset " + reg.off + " is not allowed");
        }
        if (reg.smin == Long.MIN_VALUE) {
            throw Env.refuse(
                    RefusalKind.UNBOUNDED,
                    "math between "
                            + name
                            + " pointer and register with unbounded min value is not allowed");
        }
        if (reg.smin >= Env.MAX_VAR_OFF || reg.smin <= -Env.MAX_VAR_OFF) {
            throw Env.refuse(
                    RefusalKind.UNBOUNDED,
                    "value " + reg.smin + " makes " + name + " pointer be out of bounds");
        }
    }

    private static String sign(Alu op) {
        return switch (op) {
            case ADD -> "+=";
            case SUB -> "-=";
            case MUL -> "*=";
            case DIV, SDIV -> "/=";
            case OR -> "|=";
            case AND -> "&=";
            case LSH -> "<<=";
            case RSH -> ">>=";
            case MOD, SMOD -> "%=";
            case XOR -> "^=";
            case ARSH -> "s>>=";
            default -> "=";
        };
    }
}

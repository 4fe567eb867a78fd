package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Operand;

/** Arithmetic on pointers (kernel: {@code adjust_ptr_min_max_vals}). */
final class PointerAlu {
    private final Env env;

    PointerAlu(Env env) {
        this.env = env;
    }

    /**
     * Adds to, or subtracts from, a pointer.
     *
     * @param ptr the pointer, as it was; {@code num} the number, in either order
     */
    void check(Insn insn, Alu op, boolean narrow, Reg ptr, Reg num) {
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

    /** The operator, as the kernel writes it. */
    static String sign(Alu op) {
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

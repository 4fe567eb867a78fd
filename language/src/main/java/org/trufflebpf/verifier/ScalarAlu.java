package org.trufflebpf.verifier;

import org.trufflebpf.insn.Opcode.Alu;

/**
 * What arithmetic makes of ranges: kernel {@code adjust_scalar_min_max_vals}. Each operation
 * changes its first operand; a 32-bit one leaves the low half right and is zero-extended at the
 * end. What is computed contains every result of members of the operands.
 */
final class ScalarAlu {
    private ScalarAlu() {}

    /**
     * Applies an operation.
     *
     * @return false where nothing is known of the result
     */
    static boolean apply(Alu operation, boolean narrow, Scalar dst, Scalar src) {
        int width = narrow ? 32 : 64;
        boolean known = isComputable(operation, src, width);
        if (!known) {
            dst.setUnknownRange();
        } else {
            compute(operation, narrow, dst, src);
        }
        if (narrow) {
            dst.zeroExtend32();
        } else {
            dst.sync();
        }
        return known;
    }

    private static boolean isComputable(Alu operation, Scalar src, int width) {
        return switch (operation) {
            case ADD, SUB, MUL, AND, OR, XOR, NEG -> true;
            case LSH, RSH, ARSH ->
                    src.isPoint(width == 32)
                            && Long.compareUnsigned(src.constant(width == 32), width) < 0;
            default -> false;
        };
    }

    private static void compute(Alu operation, boolean narrow, Scalar dst, Scalar src) {
        switch (operation) {
            case ADD -> {
                add32(dst, src);
                add64(dst, src);
                dst.bits = dst.bits.add(src.bits);
            }
            case SUB -> {
                sub32(dst, src);
                sub64(dst, src);
                dst.bits = dst.bits.sub(src.bits);
            }
            case NEG -> {
                Scalar old = new Scalar();
                old.copyRange(dst);
                dst.setConst(0);
                sub32(dst, old);
                sub64(dst, old);
                dst.bits = old.bits.neg();
            }
            case MUL -> {
                dst.bits = dst.bits.mul(src.bits);
                mul32(dst, src);
                mul64(dst, src);
            }
            case AND, OR, XOR -> bitwise(operation, dst, src);
            case LSH -> shiftLeft(narrow, dst, (int) src.constant(narrow));
            case RSH -> shiftRight(narrow, dst, (int) src.constant(narrow));
            case ARSH -> shiftArithmetic(narrow, dst, (int) src.constant(narrow));
            default -> throw new IllegalStateException("not computable: " + operation);
        }
    }

    private static void add64(Scalar dst, Scalar src) {
        long low = dst.smin + src.smin;
        long high = dst.smax + src.smax;
        if (((dst.smin ^ low) & (src.smin ^ low)) < 0
                || ((dst.smax ^ high) & (src.smax ^ high)) < 0) {
            dst.unboundSigned64();
        } else {
            dst.smin = low;
            dst.smax = high;
        }
        long umin = dst.umin + src.umin;
        long umax = dst.umax + src.umax;
        boolean minOverflows = Long.compareUnsigned(umin, dst.umin) < 0;
        boolean maxOverflows = Long.compareUnsigned(umax, dst.umax) < 0;
        if (minOverflows != maxOverflows) {
            umin = 0;
            umax = -1;
        }
        dst.umin = umin;
        dst.umax = umax;
    }

    private static void add32(Scalar dst, Scalar src) {
        long low = (long) dst.s32min + src.s32min;
        long high = (long) dst.s32max + src.s32max;
        if (low != (int) low || high != (int) high) {
            dst.unboundSigned32();
        } else {
            dst.s32min = (int) low;
            dst.s32max = (int) high;
        }
        long umin = (dst.u32min & 0xffff_ffffL) + (src.u32min & 0xffff_ffffL);
        long umax = (dst.u32max & 0xffff_ffffL) + (src.u32max & 0xffff_ffffL);
        boolean sameCarry = umin >>> 32 == umax >>> 32;
        dst.u32min = sameCarry ? (int) umin : 0;
        dst.u32max = sameCarry ? (int) umax : -1;
    }

    private static void sub64(Scalar dst, Scalar src) {
        long low = dst.smin - src.smax;
        long high = dst.smax - src.smin;
        if (((dst.smin ^ src.smax) & (dst.smin ^ low)) < 0
                || ((dst.smax ^ src.smin) & (dst.smax ^ high)) < 0) {
            dst.unboundSigned64();
        } else {
            dst.smin = low;
            dst.smax = high;
        }
        boolean minUnderflows = Long.compareUnsigned(dst.umin, src.umax) < 0;
        boolean maxUnderflows = Long.compareUnsigned(dst.umax, src.umin) < 0;
        if (minUnderflows == maxUnderflows) {
            long umin = dst.umin - src.umax;
            dst.umax = dst.umax - src.umin;
            dst.umin = umin;
        } else {
            dst.umin = 0;
            dst.umax = -1;
        }
    }

    private static void sub32(Scalar dst, Scalar src) {
        long low = (long) dst.s32min - src.s32max;
        long high = (long) dst.s32max - src.s32min;
        if (low != (int) low || high != (int) high) {
            dst.unboundSigned32();
        } else {
            dst.s32min = (int) low;
            dst.s32max = (int) high;
        }
        long umin = (dst.u32min & 0xffff_ffffL) - (src.u32max & 0xffff_ffffL);
        long umax = (dst.u32max & 0xffff_ffffL) - (src.u32min & 0xffff_ffffL);
        boolean sameBorrow = umin < 0 == umax < 0;
        dst.u32min = sameBorrow ? (int) umin : 0;
        dst.u32max = sameBorrow ? (int) umax : -1;
    }

    private static void mul64(Scalar dst, Scalar src) {
        if (Math.unsignedMultiplyHigh(dst.umax, src.umax) != 0) {
            dst.umin = 0;
            dst.umax = -1;
        } else {
            dst.umin *= src.umin;
            dst.umax *= src.umax;
        }
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (long a : new long[] {dst.smin, dst.smax}) {
            for (long b : new long[] {src.smin, src.smax}) {
                long product = a * b;
                if (Math.multiplyHigh(a, b) != product >> 63) {
                    dst.unboundSigned64();
                    return;
                }
                low = Math.min(low, product);
                high = Math.max(high, product);
            }
        }
        dst.smin = low;
        dst.smax = high;
    }

    private static void mul32(Scalar dst, Scalar src) {
        long umax = (dst.u32max & 0xffff_ffffL) * (src.u32max & 0xffff_ffffL);
        if (umax >>> 32 != 0) {
            dst.u32min = 0;
            dst.u32max = -1;
        } else {
            dst.u32min *= src.u32min;
            dst.u32max = (int) umax;
        }
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int a : new int[] {dst.s32min, dst.s32max}) {
            for (int b : new int[] {src.s32min, src.s32max}) {
                long product = (long) a * b;
                low = Math.min(low, product);
                high = Math.max(high, product);
            }
        }
        if (low != (int) low || high != (int) high) {
            dst.unboundSigned32();
        } else {
            dst.s32min = (int) low;
            dst.s32max = (int) high;
        }
    }

    private static void bitwise(Alu operation, Scalar dst, Scalar src) {
        dst.bits =
                switch (operation) {
                    case AND -> dst.bits.and(src.bits);
                    case OR -> dst.bits.or(src.bits);
                    default -> dst.bits.xor(src.bits);
                };
        long least = dst.bits.value();
        long most = dst.bits.value() | dst.bits.mask();
        switch (operation) {
            case AND -> {
                dst.umin = least;
                dst.umax = Scalar.umin64(dst.umax, src.umax);
                dst.u32min = (int) least;
                dst.u32max = Scalar.umin32(dst.u32max, src.u32max);
            }
            case OR -> {
                dst.umin = Scalar.umax64(dst.umin, src.umin);
                dst.umax = most;
                dst.u32min = Scalar.umax32(dst.u32min, src.u32min);
                dst.u32max = (int) most;
            }
            default -> {
                dst.umin = least;
                dst.umax = most;
                dst.u32min = (int) least;
                dst.u32max = (int) most;
            }
        }
        if (dst.umin <= dst.umax) {
            dst.smin = dst.umin;
            dst.smax = dst.umax;
        } else {
            dst.unboundSigned64();
        }
        if (dst.u32min <= dst.u32max) {
            dst.s32min = dst.u32min;
            dst.s32max = dst.u32max;
        } else {
            dst.unboundSigned32();
        }
        dst.update();
    }

    private static void shiftLeft(boolean narrow, Scalar dst, int shift) {
        if (narrow) {
            boolean keeps = Integer.compareUnsigned(dst.u32max, 1 << (31 - shift)) <= 0;
            dst.u32min = keeps ? dst.u32min << shift : 0;
            dst.u32max = keeps ? dst.u32max << shift : -1;
            dst.unboundSigned32();
            dst.bits = dst.bits.subreg().lsh(shift);
            dst.unbound64();
            dst.update32();
            return;
        }
        if (shift == 32) {
            dst.smin = (long) dst.s32min << 32;
            dst.smax = (long) dst.s32max << 32;
        } else {
            dst.unboundSigned64();
        }
        if (shift == 0 || Long.compareUnsigned(dst.umax, 1L << (63 - shift)) <= 0) {
            dst.umin <<= shift;
            dst.umax <<= shift;
        } else {
            dst.umin = 0;
            dst.umax = -1;
        }
        dst.unbound32();
        dst.bits = dst.bits.lsh(shift);
        dst.update();
    }

    private static void shiftRight(boolean narrow, Scalar dst, int shift) {
        if (narrow) {
            dst.unboundSigned32();
            dst.bits = dst.bits.subreg().rsh(shift);
            dst.u32min >>>= shift;
            dst.u32max >>>= shift;
            dst.unbound64();
            dst.update32();
            return;
        }
        dst.unboundSigned64();
        dst.bits = dst.bits.rsh(shift);
        dst.umin >>>= shift;
        dst.umax >>>= shift;
        dst.unbound32();
        dst.update();
    }

    private static void shiftArithmetic(boolean narrow, Scalar dst, int shift) {
        if (narrow) {
            dst.s32min >>= shift;
            dst.s32max >>= shift;
            dst.bits = dst.bits.subreg().arsh(shift, 32);
            dst.u32min = 0;
            dst.u32max = -1;
            dst.unbound64();
            dst.update32();
            return;
        }
        dst.smin >>= shift;
        dst.smax >>= shift;
        dst.bits = dst.bits.arsh(shift, 64);
        dst.umin = 0;
        dst.umax = -1;
        dst.unbound32();
        dst.update();
    }
}

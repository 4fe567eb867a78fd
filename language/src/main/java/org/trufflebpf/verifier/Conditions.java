package org.trufflebpf.verifier;

import org.trufflebpf.insn.Opcode.Jump;

/**
 * What a comparison says of its operands: whether it can only go one way ({@link #taken}), and what
 * is known behind it ({@link #refine}). Kernel: {@code is_scalar_branch_taken} and {@code
 * regs_refine_cond_op}.
 */
final class Conditions {
    private static final long LOW = 0xffff_ffffL;

    private Conditions() {}

    /** 1 if the jump is always taken, 0 if never, -1 if it may be either. */
    static int taken(Jump op, boolean narrow, Scalar a, Scalar b) {
        Tnum x = narrow ? a.bits.subreg() : a.bits;
        Tnum y = narrow ? b.bits.subreg() : b.bits;
        long umin1 = narrow ? a.u32min & LOW : a.umin;
        long umax1 = narrow ? a.u32max & LOW : a.umax;
        long smin1 = narrow ? a.s32min : a.smin;
        long smax1 = narrow ? a.s32max : a.smax;
        long umin2 = narrow ? b.u32min & LOW : b.umin;
        long umax2 = narrow ? b.u32max & LOW : b.umax;
        long smin2 = narrow ? b.s32min : b.smin;
        long smax2 = narrow ? b.s32max : b.smax;
        return switch (op) {
            case JEQ, JNE -> {
                int equal;
                if (x.isConst() && y.isConst()) {
                    equal = x.value() == y.value() ? 1 : 0;
                } else if (!x.overlaps(y)
                        || Long.compareUnsigned(umin1, umax2) > 0
                        || Long.compareUnsigned(umax1, umin2) < 0
                        || smin1 > smax2
                        || smax1 < smin2
                        || (!narrow && neverEqual32(a, b))) {
                    equal = 0;
                } else {
                    equal = -1;
                }
                yield op == Jump.JEQ || equal < 0 ? equal : 1 - equal;
            }
            case JSET -> {
                if (!y.isConst()) {
                    if (!x.isConst()) {
                        yield -1;
                    }
                    Tnum swap = x;
                    x = y;
                    y = swap;
                }
                if ((~x.mask() & x.value() & y.value()) != 0) {
                    yield 1;
                }
                yield ((x.mask() | x.value()) & y.value()) == 0 ? 0 : -1;
            }
            case JGT -> unsigned(umin1, umax2, umax1, umin2, false);
            case JGE -> unsigned(umin1, umax2, umax1, umin2, true);
            case JLT -> flip(unsigned(umin1, umax2, umax1, umin2, true));
            case JLE -> flip(unsigned(umin1, umax2, umax1, umin2, false));
            case JSGT -> signed(smin1, smax2, smax1, smin2, false);
            case JSGE -> signed(smin1, smax2, smax1, smin2, true);
            case JSLT -> flip(signed(smin1, smax2, smax1, smin2, true));
            case JSLE -> flip(signed(smin1, smax2, smax1, smin2, false));
        };
    }

    private static boolean neverEqual32(Scalar a, Scalar b) {
        return Integer.compareUnsigned(a.u32min, b.u32max) > 0
                || Integer.compareUnsigned(a.u32max, b.u32min) < 0
                || a.s32min > b.s32max
                || a.s32max < b.s32min;
    }

    private static int unsigned(long min1, long max2, long max1, long min2, boolean orEqual) {
        int least = Long.compareUnsigned(min1, max2);
        int most = Long.compareUnsigned(max1, min2);
        if (orEqual) {
            return least >= 0 ? 1 : most < 0 ? 0 : -1;
        }
        return least > 0 ? 1 : most <= 0 ? 0 : -1;
    }

    private static int signed(long min1, long max2, long max1, long min2, boolean orEqual) {
        if (orEqual) {
            return min1 >= max2 ? 1 : max1 < min2 ? 0 : -1;
        }
        return min1 > max2 ? 1 : max1 <= min2 ? 0 : -1;
    }

    private static int flip(int taken) {
        return taken < 0 ? -1 : 1 - taken;
    }

    /** The operation with its operands exchanged. */
    static Jump swap(Jump op) {
        return switch (op) {
            case JGT -> Jump.JLT;
            case JGE -> Jump.JLE;
            case JLT -> Jump.JGT;
            case JLE -> Jump.JGE;
            case JSGT -> Jump.JSLT;
            case JSGE -> Jump.JSLE;
            case JSLT -> Jump.JSGT;
            case JSLE -> Jump.JSGE;
            default -> op;
        };
    }

    /** Narrows both to what holds if the condition does, or if it does not. */
    static void refine(Jump op, boolean holds, boolean narrow, Scalar a, Scalar b) {
        if (holds) {
            refine(op, narrow, a, b);
        } else {
            switch (op) {
                case JEQ -> notEqual(narrow, a, b);
                case JNE -> equal(narrow, a, b);
                case JSET -> noBits(narrow, a, b);
                case JGT -> less(narrow, true, a, b);
                case JGE -> less(narrow, false, a, b);
                case JLT -> less(narrow, true, b, a);
                case JLE -> less(narrow, false, b, a);
                case JSGT -> lessSigned(narrow, true, a, b);
                case JSGE -> lessSigned(narrow, false, a, b);
                case JSLT -> lessSigned(narrow, true, b, a);
                case JSLE -> lessSigned(narrow, false, b, a);
            }
        }
        a.sync();
        b.sync();
        a.forgetContradiction();
        b.forgetContradiction();
    }

    private static void refine(Jump op, boolean narrow, Scalar a, Scalar b) {
        switch (op) {
            case JEQ -> equal(narrow, a, b);
            case JNE -> notEqual(narrow, a, b);
            case JSET -> someBits(narrow, a, b);
            case JLE -> less(narrow, true, a, b);
            case JLT -> less(narrow, false, a, b);
            case JGE -> less(narrow, true, b, a);
            case JGT -> less(narrow, false, b, a);
            case JSLE -> lessSigned(narrow, true, a, b);
            case JSLT -> lessSigned(narrow, false, a, b);
            case JSGE -> lessSigned(narrow, true, b, a);
            case JSGT -> lessSigned(narrow, false, b, a);
        }
    }

    private static void equal(boolean narrow, Scalar a, Scalar b) {
        a.u32min = Scalar.umax32(a.u32min, b.u32min);
        a.u32max = Scalar.umin32(a.u32max, b.u32max);
        a.s32min = Math.max(a.s32min, b.s32min);
        a.s32max = Math.min(a.s32max, b.s32max);
        b.u32min = a.u32min;
        b.u32max = a.u32max;
        b.s32min = a.s32min;
        b.s32max = a.s32max;
        if (narrow) {
            if (a.bits.subreg().overlaps(b.bits.subreg())) {
                Tnum both = a.bits.subreg().intersect(b.bits.subreg());
                a.bits = a.bits.withSubreg(both);
                b.bits = b.bits.withSubreg(both);
            }
            return;
        }
        a.umin = Scalar.umax64(a.umin, b.umin);
        a.umax = Scalar.umin64(a.umax, b.umax);
        a.smin = Math.max(a.smin, b.smin);
        a.smax = Math.min(a.smax, b.smax);
        b.umin = a.umin;
        b.umax = a.umax;
        b.smin = a.smin;
        b.smax = a.smax;
        if (a.bits.overlaps(b.bits)) {
            a.bits = a.bits.intersect(b.bits);
            b.bits = a.bits;
        }
    }

    private static void notEqual(boolean narrow, Scalar a, Scalar b) {
        boolean second = b.isConst(narrow);
        Scalar known = second ? b : a;
        Scalar other = second ? a : b;
        if (!known.isConst(narrow)) {
            return;
        }
        // a range whose end is the excluded number shrinks by one
        if (narrow) {
            int value = (int) known.constant(true);
            if (other.u32min == value) {
                other.u32min++;
            }
            if (other.u32max == value) {
                other.u32max--;
            }
            if (other.s32min == value) {
                other.s32min++;
            }
            if (other.s32max == value) {
                other.s32max--;
            }
        } else {
            long value = known.constant(false);
            if (other.umin == value) {
                other.umin++;
            }
            if (other.umax == value) {
                other.umax--;
            }
            if (other.smin == value) {
                other.smin++;
            }
            if (other.smax == value) {
                other.smax--;
            }
        }
    }

    private static void someBits(boolean narrow, Scalar a, Scalar b) {
        boolean second = b.isConst(narrow);
        Scalar known = second ? b : a;
        Scalar other = second ? a : b;
        if (!known.isConst(narrow)) {
            return;
        }
        long value = known.constant(narrow);
        // one bit of one that is tested and set is known to be set
        if (Long.bitCount(value) == 1) {
            Tnum set = Tnum.constant(value);
            other.bits =
                    narrow
                            ? other.bits.withSubreg(other.bits.subreg().or(set))
                            : other.bits.or(set);
        }
    }

    private static void noBits(boolean narrow, Scalar a, Scalar b) {
        boolean second = b.isConst(narrow);
        Scalar known = second ? b : a;
        Scalar other = second ? a : b;
        if (!known.isConst(narrow)) {
            return;
        }
        // as the kernel: on a dead branch the ranges may contradict the bits
        other.unbound64();
        other.unbound32();
        Tnum clear = Tnum.constant(~known.constant(narrow));
        other.bits =
                narrow
                        ? other.bits.withSubreg(other.bits.subreg().and(clear))
                        : other.bits.and(clear);
    }

    /** The first is below the second (or equal). */
    private static void less(boolean narrow, boolean orEqual, Scalar a, Scalar b) {
        int step = orEqual ? 0 : 1;
        if (narrow) {
            a.u32max = Scalar.umin32(a.u32max, b.u32max - (b.u32max == 0 ? 0 : step));
            b.u32min = Scalar.umax32(b.u32min, a.u32min + (a.u32min == -1 ? 0 : step));
        } else {
            a.umax = Scalar.umin64(a.umax, b.umax - (b.umax == 0 ? 0 : step));
            b.umin = Scalar.umax64(b.umin, a.umin + (a.umin == -1 ? 0 : step));
        }
    }

    private static void lessSigned(boolean narrow, boolean orEqual, Scalar a, Scalar b) {
        int step = orEqual ? 0 : 1;
        if (narrow) {
            a.s32max = Math.min(a.s32max, b.s32max - (b.s32max == Integer.MIN_VALUE ? 0 : step));
            b.s32min = Math.max(b.s32min, a.s32min + (a.s32min == Integer.MAX_VALUE ? 0 : step));
        } else {
            a.smax = Math.min(a.smax, b.smax - (b.smax == Long.MIN_VALUE ? 0 : step));
            b.smin = Math.max(b.smin, a.smin + (a.smin == Long.MAX_VALUE ? 0 : step));
        }
    }
}

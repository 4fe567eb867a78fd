package org.trufflebpf.verifier;

/**
 * What is known of a 64-bit number: its bits ({@link Tnum}) and its ranges, signed and unsigned, of
 * all 64 and of the low 32 bits. Unsigned bounds are kept as bit patterns. {@link #sync} lets each
 * part learn from the others. Mutable, as states are copied far less often than they change.
 */
class Scalar {
    Tnum bits = Tnum.UNKNOWN;
    long smin = Long.MIN_VALUE;
    long smax = Long.MAX_VALUE;
    long umin;
    long umax = -1;
    int s32min = Integer.MIN_VALUE;
    int s32max = Integer.MAX_VALUE;
    int u32min;
    int u32max = -1;

    final void copyRange(Scalar from) {
        bits = from.bits;
        smin = from.smin;
        smax = from.smax;
        umin = from.umin;
        umax = from.umax;
        s32min = from.s32min;
        s32max = from.s32max;
        u32min = from.u32min;
        u32max = from.u32max;
    }

    final void setUnknownRange() {
        bits = Tnum.UNKNOWN;
        unbound64();
        unbound32();
    }

    final void setConst(long value) {
        bits = Tnum.constant(value);
        smin = value;
        smax = value;
        umin = value;
        umax = value;
        s32min = (int) value;
        s32max = (int) value;
        u32min = (int) value;
        u32max = (int) value;
    }

    final void setConst32(int value) {
        bits = bits.withSubreg(Tnum.constant(value & 0xffff_ffffL));
        s32min = value;
        s32max = value;
        u32min = value;
        u32max = value;
    }

    final void unbound64() {
        unboundSigned64();
        umin = 0;
        umax = -1;
    }

    final void unboundSigned64() {
        smin = Long.MIN_VALUE;
        smax = Long.MAX_VALUE;
    }

    final void unbound32() {
        unboundSigned32();
        u32min = 0;
        u32max = -1;
    }

    final void unboundSigned32() {
        s32min = Integer.MIN_VALUE;
        s32max = Integer.MAX_VALUE;
    }

    final boolean isConst() {
        return bits.isConst();
    }

    /** Whether bits and ranges agree on one number: on a dead branch they may not. */
    final boolean isPoint(boolean narrow) {
        return narrow
                ? bits.isSubregConst() && s32min == s32max && u32min == u32max
                : bits.isConst() && smin == smax && umin == umax;
    }

    final boolean isConst(boolean narrow) {
        return narrow ? bits.isSubregConst() : bits.isConst();
    }

    final long constant(boolean narrow) {
        return narrow ? bits.value() & 0xffff_ffffL : bits.value();
    }

    final boolean isZero() {
        return bits.isConst() && bits.value() == 0;
    }

    final boolean isUnbounded() {
        return bits.isUnknown()
                && smin == Long.MIN_VALUE
                && smax == Long.MAX_VALUE
                && umin == 0
                && umax == -1
                && s32min == Integer.MIN_VALUE
                && s32max == Integer.MAX_VALUE
                && u32min == 0
                && u32max == -1;
    }

    /** Whether all numbers of the other are numbers of this. */
    final boolean rangeContains(Scalar other) {
        return Long.compareUnsigned(umin, other.umin) <= 0
                && Long.compareUnsigned(umax, other.umax) >= 0
                && smin <= other.smin
                && smax >= other.smax
                && Integer.compareUnsigned(u32min, other.u32min) <= 0
                && Integer.compareUnsigned(u32max, other.u32max) >= 0
                && s32min <= other.s32min
                && s32max >= other.s32max
                && bits.contains(other.bits);
    }

    final boolean sameRange(Scalar other) {
        return umin == other.umin
                && umax == other.umax
                && smin == other.smin
                && smax == other.smax
                && u32min == other.u32min
                && u32max == other.u32max
                && s32min == other.s32min
                && s32max == other.s32max
                && bits.equals(other.bits);
    }

    /** Whether a concrete number is one of these; for tests. */
    final boolean contains(long number) {
        int low = (int) number;
        return bits.contains(number)
                && smin <= number
                && number <= smax
                && Long.compareUnsigned(umin, number) <= 0
                && Long.compareUnsigned(number, umax) <= 0
                && s32min <= low
                && low <= s32max
                && Integer.compareUnsigned(u32min, low) <= 0
                && Integer.compareUnsigned(low, u32max) <= 0;
    }

    /** Whether no number can be meant: a branch that cannot be taken left this behind. */
    final boolean isImpossible() {
        return smin > smax
                || Long.compareUnsigned(umin, umax) > 0
                || (bits.isConst() && !isPoint(false));
    }

    /**
     * Kernel: {@code reg_bounds_sanity_check}. Where parts contradict each other, as they may on a
     * branch that cannot be taken, only the bits are kept.
     */
    final void forgetContradiction() {
        if (smin > smax
                || Long.compareUnsigned(umin, umax) > 0
                || s32min > s32max
                || Integer.compareUnsigned(u32min, u32max) > 0
                || (bits.isConst() && !isExactly(bits.value()))
                || (bits.isSubregConst() && !isExactly32((int) bits.value()))) {
            unbound64();
            unbound32();
        }
    }

    private boolean isExactly(long number) {
        return smin == number && smax == number && umin == number && umax == number;
    }

    private boolean isExactly32(int number) {
        return s32min == number && s32max == number && u32min == number && u32max == number;
    }

    /** Kernel: {@code reg_bounds_sync}. */
    final void sync() {
        update();
        deduce();
        deduce();
        deduce();
        narrowBits();
        update();
    }

    private void deduce() {
        deduce32();
        deduce64();
        deduceMixed();
    }

    /** Bounds from bits. */
    final void update() {
        update32();
        update64();
    }

    final void update32() {
        int value = (int) bits.value();
        int mask = (int) bits.mask();
        s32min = Math.max(s32min, value | (mask & Integer.MIN_VALUE));
        s32max = Math.min(s32max, value | (mask & Integer.MAX_VALUE));
        u32min = umax32(u32min, value);
        u32max = umin32(u32max, value | mask);
    }

    final void update64() {
        long value = bits.value();
        long mask = bits.mask();
        smin = Math.max(smin, value | (mask & Long.MIN_VALUE));
        smax = Math.min(smax, value | (mask & Long.MAX_VALUE));
        umin = umax64(umin, value);
        umax = umin64(umax, value | mask);
        onlyOne();
    }

    /** Where the unsigned range has only one number with these bits, that is the number. */
    private void onlyOne() {
        long next = bits.after(umin);
        if (bits.contains(umin)) {
            if (Long.compareUnsigned(next, umax) > 0) {
                setConst(umin);
            }
        } else if (next == bits.max()
                || (Long.compareUnsigned(next, umax) <= 0
                        && Long.compareUnsigned(bits.after(next), umax) > 0)) {
            setConst(next);
        }
    }

    private void deduce32() {
        if (umin >>> 32 == umax >>> 32) {
            u32min = umax32(u32min, (int) umin);
            u32max = umin32(u32max, (int) umax);
            if ((int) umin <= (int) umax) {
                s32min = Math.max(s32min, (int) umin);
                s32max = Math.min(s32max, (int) umax);
            }
        }
        if (smin >> 32 == smax >> 32) {
            if (Integer.compareUnsigned((int) smin, (int) smax) <= 0) {
                u32min = umax32(u32min, (int) smin);
                u32max = umin32(u32max, (int) smax);
            }
            if ((int) smin <= (int) smax) {
                s32min = Math.max(s32min, (int) smin);
                s32max = Math.min(s32max, (int) smax);
            }
        }
        // upper halves that follow each other, lower halves from negative to positive
        if ((int) (umin >>> 32) + 1 == (int) (umax >>> 32) && (int) umin < 0 && (int) umax >= 0) {
            s32min = Math.max(s32min, (int) umin);
            s32max = Math.min(s32max, (int) umax);
        }
        if ((int) (smin >>> 32) + 1 == (int) (smax >>> 32) && (int) smin < 0 && (int) smax >= 0) {
            s32min = Math.max(s32min, (int) smin);
            s32max = Math.min(s32max, (int) smax);
        }
        if (u32min <= u32max) {
            s32min = Math.max(s32min, u32min);
            s32max = Math.min(s32max, u32max);
        }
        if (Integer.compareUnsigned(s32min, s32max) <= 0) {
            u32min = umax32(u32min, s32min);
            u32max = umin32(u32max, s32max);
        } else if (Integer.compareUnsigned(u32max, s32min) < 0) {
            s32min = u32min;
            u32max = umin32(u32max, s32max);
        } else if (Integer.compareUnsigned(s32max, u32min) < 0) {
            s32max = u32max;
            u32min = umax32(u32min, s32min);
        }
    }

    private void deduce64() {
        if (umin <= umax) {
            smin = Math.max(smin, umin);
            smax = Math.min(smax, umax);
        }
        if (Long.compareUnsigned(smin, smax) <= 0) {
            umin = umax64(umin, smin);
            umax = umin64(umax, smax);
        } else if (Long.compareUnsigned(umax, smin) < 0) {
            // the signed range has two unsigned parts, and only the positive one can be meant
            smin = umin;
            umax = umin64(umax, smax);
        } else if (Long.compareUnsigned(smax, umin) < 0) {
            smax = umax;
            umin = umax64(umin, smin);
        }
    }

    private void deduceMixed() {
        long high = ~0xffff_ffffL;
        long low32 = u32min & 0xffff_ffffL;
        long high32 = u32max & 0xffff_ffffL;
        umin = umax64(umin, (umin & high) | low32);
        umax = umin64(umax, (umax & high) | high32);
        smin = Math.max(smin, (smin & high) | low32);
        smax = Math.min(smax, (smax & high) | high32);
        // the upper half is all ones or zero, and the lower one says which; what the kernel knew of
        // all 64 bits it replaces here, though it may have been more
        if (s32min >= 0 && smin >= Integer.MIN_VALUE && smax <= Integer.MAX_VALUE) {
            smin = s32min;
            smax = s32max;
            umin = s32min;
            umax = s32max;
            bits = bits.intersect(Tnum.range(smin, smax));
        }
    }

    private void narrowBits() {
        Tnum wide = bits.intersect(Tnum.range(umin, umax));
        Tnum narrow =
                wide.subreg().intersect(Tnum.range(u32min & 0xffff_ffffL, u32max & 0xffff_ffffL));
        bits = wide.clearSubreg().or(narrow);
    }

    /** The low half, zero-extended: the 64-bit ranges become those of 32 bits. */
    final void zeroExtend32() {
        bits = bits.subreg();
        umin = u32min & 0xffff_ffffL;
        umax = u32max & 0xffff_ffffL;
        smin = umin;
        smax = umax;
        sync();
    }

    /** Kernel: {@code coerce_reg_to_size}: the low bytes, zero-extended. */
    final void truncate(int bytes) {
        if (bytes >= 8) {
            return;
        }
        bits = bits.cast(bytes);
        long mask = (1L << (bytes * 8)) - 1;
        if ((umin & ~mask) == (umax & ~mask)) {
            umin &= mask;
            umax &= mask;
        } else {
            umin = 0;
            umax = mask;
        }
        smin = umin;
        smax = umax;
        if (bytes < 4) {
            unbound32();
        }
        sync();
    }

    /** Kernel: {@code coerce_reg_to_size_sx}: the low bytes, sign-extended to 64 bits. */
    final void signExtend(int bytes) {
        if (bytes >= 8) {
            return;
        }
        int shift = 64 - 8 * bytes;
        if (bits.isConst()) {
            setConst(bits.value() << shift >> shift);
            return;
        }
        long low = smin << shift >> shift;
        long high = smax << shift >> shift;
        boolean sameTop = smin >> (8 * bytes) == smax >> (8 * bytes);
        if (sameTop && low <= high) {
            smin = low;
            smax = high;
            umin = low;
            umax = high;
            if (Long.compareUnsigned(umin, umax) > 0) {
                umin = 0;
                umax = -1;
            }
            unbound32();
            bits = Tnum.range(low, high);
            if (low < 0 && high >= 0) {
                bits = Tnum.UNKNOWN;
            }
        } else {
            smin = -(1L << (8 * bytes - 1));
            smax = -smin - 1;
            umin = 0;
            umax = -1;
            unbound32();
            bits = Tnum.UNKNOWN;
        }
        sync();
    }

    /**
     * Kernel: {@code coerce_subreg_to_size_sx}: sign-extended to 32 bits, zero-extended from there.
     */
    final void signExtend32(int bytes) {
        int shift = 32 - 8 * bytes;
        if (bits.isSubregConst()) {
            int value = (int) bits.value() << shift >> shift;
            setConst(value & 0xffff_ffffL);
            return;
        }
        int low = s32min << shift >> shift;
        int high = s32max << shift >> shift;
        boolean sameTop = s32min >> (8 * bytes) == s32max >> (8 * bytes);
        if (sameTop && low <= high) {
            s32min = low;
            s32max = high;
        } else {
            s32min = -(1 << (8 * bytes - 1));
            s32max = -s32min - 1;
        }
        u32min = 0;
        u32max = -1;
        bits = new Tnum(0, 0xffff_ffffL);
        unbound64();
        umax = 0xffff_ffffL;
        smin = 0;
        smax = 0xffff_ffffL;
        sync();
    }

    static long umax64(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    static long umin64(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }

    static int umax32(int a, int b) {
        return Integer.compareUnsigned(a, b) >= 0 ? a : b;
    }

    static int umin32(int a, int b) {
        return Integer.compareUnsigned(a, b) <= 0 ? a : b;
    }
}

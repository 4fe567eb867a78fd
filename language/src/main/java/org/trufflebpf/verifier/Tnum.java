package org.trufflebpf.verifier;

/**
 * A number of 64 bits, some of them unknown: those in {@code mask}; the others are as in {@code
 * value}. Where a bit is in the mask it is 0 in the value. The kernel's {@code struct tnum}; each
 * operation gives a number that contains every result of members of its operands.
 */
record Tnum(long value, long mask) {
    static final Tnum UNKNOWN = new Tnum(0, -1);
    static final Tnum ZERO = new Tnum(0, 0);

    static Tnum constant(long value) {
        return new Tnum(value, 0);
    }

    /** The smallest tnum that has all unsigned numbers from min to max. */
    static Tnum range(long min, long max) {
        long chi = min ^ max;
        int bits = 64 - Long.numberOfLeadingZeros(chi);
        if (bits > 63) {
            return UNKNOWN;
        }
        long delta = (1L << bits) - 1;
        return new Tnum(min & ~delta, delta);
    }

    boolean isConst() {
        return mask == 0;
    }

    boolean isUnknown() {
        return mask == -1;
    }

    Tnum lsh(int shift) {
        return new Tnum(value << shift, mask << shift);
    }

    Tnum rsh(int shift) {
        return new Tnum(value >>> shift, mask >>> shift);
    }

    Tnum arsh(int shift, int bits) {
        if (bits == 32) {
            return new Tnum(
                    ((int) value >> shift) & 0xffff_ffffL, ((int) mask >> shift) & 0xffff_ffffL);
        }
        return new Tnum(value >> shift, mask >> shift);
    }

    Tnum add(Tnum other) {
        long sm = mask + other.mask;
        long sv = value + other.value;
        long sigma = sm + sv;
        long chi = sigma ^ sv;
        long mu = chi | mask | other.mask;
        return new Tnum(sv & ~mu, mu);
    }

    Tnum sub(Tnum other) {
        long dv = value - other.value;
        long alpha = dv + mask;
        long beta = dv - other.mask;
        long chi = alpha ^ beta;
        long mu = chi | mask | other.mask;
        return new Tnum(dv & ~mu, mu);
    }

    Tnum neg() {
        return ZERO.sub(this);
    }

    Tnum and(Tnum other) {
        long alpha = value | mask;
        long beta = other.value | other.mask;
        long v = value & other.value;
        return new Tnum(v, alpha & beta & ~v);
    }

    Tnum or(Tnum other) {
        long v = value | other.value;
        long mu = mask | other.mask;
        return new Tnum(v, mu & ~v);
    }

    Tnum xor(Tnum other) {
        long v = value ^ other.value;
        long mu = mask | other.mask;
        return new Tnum(v & ~mu, mu);
    }

    Tnum mul(Tnum other) {
        Tnum acc = ZERO;
        Tnum a = this;
        Tnum b = other;
        while ((a.value | a.mask) != 0) {
            if ((a.value & 1) != 0) {
                acc = acc.add(b);
            } else if ((a.mask & 1) != 0) {
                acc = acc.union(acc.add(b));
            }
            a = a.rsh(1);
            b = b.lsh(1);
        }
        return acc;
    }

    /** What both say; only for numbers that overlap. */
    Tnum intersect(Tnum other) {
        long v = value | other.value;
        long mu = mask & other.mask;
        return new Tnum(v & ~mu, mu);
    }

    /** The smallest number that contains both. */
    Tnum union(Tnum other) {
        long mu = mask | other.mask | (value ^ other.value);
        return new Tnum(value & ~mu, mu);
    }

    /** Whether the two have a member in common. */
    boolean overlaps(Tnum other) {
        long known = ~mask & ~other.mask;
        return (value & known) == (other.value & known);
    }

    /** The low bytes, zero-extended. */
    Tnum cast(int bytes) {
        if (bytes >= 8) {
            return this;
        }
        long keep = (1L << (8 * bytes)) - 1;
        return new Tnum(value & keep, mask & keep);
    }

    /** The low bytes in the other order, zero-extended. */
    Tnum swap(int bytes) {
        int shift = 64 - 8 * bytes;
        return new Tnum(Long.reverseBytes(value) >>> shift, Long.reverseBytes(mask) >>> shift);
    }

    boolean isAligned(long size) {
        return size == 0 || ((value | mask) & (size - 1)) == 0;
    }

    /** Whether every member of {@code inner} is one of this. */
    boolean contains(Tnum inner) {
        return (inner.mask & ~mask) == 0 && (inner.value & ~mask) == value;
    }

    /** The largest member, unsigned. */
    long max() {
        return value | mask;
    }

    /** The smallest member that is larger, unsigned; the largest of all where none is. */
    long after(long number) {
        if (Long.compareUnsigned(number, max()) >= 0) {
            return max();
        }
        if (Long.compareUnsigned(number, value) < 0) {
            return value;
        }
        // what the unknown bits have to be at least
        long least = number - value + 1;
        long outside = least & ~mask;
        if (outside == 0) {
            return value | least;
        }
        // one bit too many: round up at the next unknown bit above it, where known bits carry on
        long top = Long.highestOneBit(outside);
        return value | ((((least | ~mask) & -top) + top) & mask);
    }

    boolean contains(long number) {
        return (number & ~mask) == value;
    }

    Tnum subreg() {
        return cast(4);
    }

    Tnum clearSubreg() {
        return new Tnum(value & ~0xffff_ffffL, mask & ~0xffff_ffffL);
    }

    /** The upper half of this with the lower half of another. */
    Tnum withSubreg(Tnum low) {
        return clearSubreg().or(low.subreg());
    }

    boolean isSubregConst() {
        return (int) mask == 0;
    }

    /** {@code (0x0; 0xff)}, as the kernel's log writes it, or the number alone. */
    @Override
    public String toString() {
        return isConst()
                ? Long.toString(value)
                : "(0x" + Long.toHexString(value) + "; 0x" + Long.toHexString(mask) + ")";
    }
}

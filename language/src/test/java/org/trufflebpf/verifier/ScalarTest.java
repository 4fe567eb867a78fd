package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Jump;

import java.util.Random;

/**
 * The domain is sound: what is computed for ranges contains what is computed for each number in
 * them. Numbers of few bits are tried exhaustively, wide ones at random.
 */
class ScalarTest {
    private static final int ROUNDS = 40_000;
    private static final long[] CORNERS = {
        0,
        1,
        -1,
        2,
        7,
        8,
        255,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        0x1_0000_0000L,
        0x8000_0000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private static long number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> CORNERS[random.nextInt(CORNERS.length)] + random.nextInt(5) - 2;
            case 1 -> random.nextInt(64) - 32;
            case 2 -> random.nextInt();
            default -> random.nextLong();
        };
    }

    /** A scalar that contains a number, known in a random way. */
    private static Scalar around(Random random, long number) {
        Scalar scalar = new Scalar();
        if (random.nextInt(5) == 0) {
            scalar.setConst(number);
            return scalar;
        }
        if (random.nextBoolean()) {
            long mask = random.nextLong() >>> random.nextInt(64);
            scalar.bits = new Tnum(number & ~mask, mask);
        }
        long below = random.nextLong() >>> random.nextInt(64);
        long above = random.nextLong() >>> random.nextInt(64);
        if (random.nextBoolean()) {
            scalar.smin = number - Math.abs(below) < number ? number - Math.abs(below) : number;
            scalar.smax = number + Math.abs(above) > number ? number + Math.abs(above) : number;
        }
        if (random.nextBoolean()) {
            scalar.umin = Long.compareUnsigned(number, below) > 0 ? below : number;
            scalar.umax = Long.compareUnsigned(number, above) < 0 ? above : number;
        }
        int low = (int) number;
        if (random.nextBoolean()) {
            scalar.s32min = Math.min(low, (int) below);
            scalar.s32max = Math.max(low, (int) above);
        }
        if (random.nextBoolean()) {
            scalar.u32min = Scalar.umin32(low, (int) below);
            scalar.u32max = Scalar.umax32(low, (int) above);
        }
        assertTrue(scalar.contains(number), "built around its number");
        scalar.sync();
        assertTrue(scalar.contains(number), "sync loses nothing");
        return scalar;
    }

    private static long compute(Alu op, boolean narrow, long a, long b) {
        if (narrow) {
            int x = (int) a;
            int y = (int) b;
            int result =
                    switch (op) {
                        case ADD -> x + y;
                        case SUB -> x - y;
                        case MUL -> x * y;
                        case AND -> x & y;
                        case OR -> x | y;
                        case XOR -> x ^ y;
                        case NEG -> -x;
                        case LSH -> x << y;
                        case RSH -> x >>> y;
                        case ARSH -> x >> y;
                        default -> throw new IllegalArgumentException(op.name());
                    };
            return result & 0xffff_ffffL;
        }
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case NEG -> -a;
            case LSH -> a << b;
            case RSH -> a >>> b;
            case ARSH -> a >> b;
            default -> throw new IllegalArgumentException(op.name());
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Alu.class,
            names = {"ADD", "SUB", "MUL", "AND", "OR", "XOR", "NEG", "LSH", "RSH", "ARSH"})
    void arithmeticContainsEveryResult(Alu op) {
        Random random = new Random(op.ordinal());
        for (int i = 0; i < ROUNDS; i++) {
            boolean narrow = random.nextBoolean();
            boolean shift = op == Alu.LSH || op == Alu.RSH || op == Alu.ARSH;
            long a = number(random);
            long b = shift ? random.nextInt(narrow ? 32 : 64) : number(random);
            Scalar dst = around(random, a);
            Scalar src = around(random, b);
            if (shift) {
                src.setConst(b);
            }
            Scalar before = new Scalar();
            before.copyRange(dst);
            ScalarAlu.apply(op, narrow, dst, src);
            long result = compute(op, narrow, a, b);
            assertTrue(
                    dst.contains(result),
                    () ->
                            "%s%s %d, %d = %d: %s with %s gave %s"
                                    .formatted(
                                            op,
                                            narrow ? "32" : "64",
                                            a,
                                            b,
                                            result,
                                            text(before),
                                            text(src),
                                            text(dst)));
        }
    }

    private static String text(Scalar scalar) {
        StringBuilder parts = new StringBuilder();
        Log.ranges(parts, scalar);
        return parts + " " + scalar.bits;
    }

    private static boolean holds(Jump op, boolean narrow, long a, long b) {
        long x = narrow ? a & 0xffff_ffffL : a;
        long y = narrow ? b & 0xffff_ffffL : b;
        long sx = narrow ? (int) a : a;
        long sy = narrow ? (int) b : b;
        int unsigned = Long.compareUnsigned(x, y);
        return switch (op) {
            case JEQ -> x == y;
            case JNE -> x != y;
            case JSET -> (x & y) != 0;
            case JGT -> unsigned > 0;
            case JGE -> unsigned >= 0;
            case JLT -> unsigned < 0;
            case JLE -> unsigned <= 0;
            case JSGT -> sx > sy;
            case JSGE -> sx >= sy;
            case JSLT -> sx < sy;
            case JSLE -> sx <= sy;
        };
    }

    @ParameterizedTest
    @EnumSource(Jump.class)
    void branchesKeepEveryNumberThatGoesThatWay(Jump op) {
        Random random = new Random(op.ordinal());
        for (int i = 0; i < ROUNDS; i++) {
            boolean narrow = random.nextBoolean();
            long a = number(random);
            long b = random.nextInt(4) == 0 ? a : number(random);
            Scalar left = around(random, a);
            Scalar right = around(random, b);
            boolean goes = holds(op, narrow, a, b);
            int taken = Conditions.taken(op, narrow, left, right);
            assertTrue(
                    taken < 0 || (taken == 1) == goes,
                    () -> op + " " + a + " " + b + ": " + text(left) + " / " + text(right));
            String before = text(left) + " / " + text(right);
            Conditions.refine(op, goes, narrow, left, right);
            assertTrue(
                    left.contains(a) && right.contains(b),
                    () ->
                            "%s%s %d, %d goes %b: %s became %s / %s"
                                    .formatted(
                                            op,
                                            narrow ? "32" : "64",
                                            a,
                                            b,
                                            goes,
                                            before,
                                            text(left),
                                            text(right)));
        }
    }

    @Test
    void extensionsContainEveryResult() {
        Random random = new Random(3);
        for (int i = 0; i < ROUNDS; i++) {
            long a = number(random);
            int bytes = 1 << random.nextInt(3);
            int shift = 64 - 8 * bytes;
            Scalar zero = around(random, a);
            zero.truncate(bytes);
            assertTrue(zero.contains(a << shift >>> shift), "zero extension of " + a);
            Scalar sign = around(random, a);
            sign.signExtend(bytes);
            assertTrue(sign.contains(a << shift >> shift), "sign extension of " + a);
            if (bytes < 4) {
                Scalar narrow = around(random, a);
                narrow.signExtend32(bytes);
                narrow.zeroExtend32();
                assertTrue(
                        narrow.contains((a << shift >> shift) & 0xffff_ffffL),
                        "32-bit sign extension of " + a);
            }
        }
    }

    /** All tnums of four bits, all their members, all operations. */
    @Test
    void nextMemberIsTheSmallestLargerOne() {
        for (long mask = 0; mask < 64; mask++) {
            for (long value = 0; value < 64; value++) {
                if ((value & mask) != 0) {
                    continue;
                }
                Tnum bits = new Tnum(value, mask);
                for (long number = 0; number < 64; number++) {
                    long next = number + 1;
                    while (next < bits.max() && !bits.contains(next)) {
                        next++;
                    }
                    assertEquals(Math.min(next, bits.max()), bits.after(number), bits + "");
                }
            }
        }
        assertEquals(-1, new Tnum(1, ~1L).after(-2));
        assertEquals(Long.MIN_VALUE, new Tnum(0, Long.MIN_VALUE | 1).after(1));
    }

    @Test
    void knownBitsAreExactAtFourBits() {
        int pairs = 0;
        for (int m1 = 0; m1 < 16; m1++) {
            for (int v1 = 0; v1 < 16; v1++) {
                for (int m2 = 0; m2 < 16 && (v1 & m1) == 0; m2++) {
                    for (int v2 = 0; v2 < 16; v2++) {
                        if ((v2 & m2) == 0) {
                            checkBits(new Tnum(v1, m1), new Tnum(v2, m2));
                            pairs++;
                        }
                    }
                }
            }
        }
        assertEquals(81 * 81, pairs);
    }

    private static void checkBits(Tnum a, Tnum b) {
        for (int x = 0; x < 16; x++) {
            for (int y = 0; y < 16; y++) {
                if (!a.contains(x) || !b.contains(y)) {
                    continue;
                }
                assertTrue(a.add(b).contains(x + y));
                assertTrue(a.sub(b).contains(x - y));
                assertTrue(a.mul(b).contains((long) x * y));
                assertTrue(a.and(b).contains(x & y));
                assertTrue(a.or(b).contains(x | y));
                assertTrue(a.xor(b).contains(x ^ y));
                assertTrue(a.union(b).contains(x) && a.union(b).contains(y));
                if (x == y) {
                    assertTrue(a.overlaps(b) && a.intersect(b).contains(x));
                }
            }
        }
    }
}

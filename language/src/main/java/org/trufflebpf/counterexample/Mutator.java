package org.trufflebpf.counterexample;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.ProgramSpec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * Derives inputs from an older one: lengths around the bounds that its run compared, the values
 * that it compared with put where the compared ones came from, entries for the keys that it looked
 * up, bytes and words at extremes.
 */
final class Mutator {
    private static final int MAX_LENGTH = 2048;

    /** Pointers into one packet differ by less. */
    private static final int MAX_DISTANCE = 0x10000;

    private static final long[] EXTREMES = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        31,
        32,
        63,
        64,
        127,
        128,
        255,
        256,
        0x7fff,
        0x8000,
        0xffff,
        0x7fff_ffff,
        0x8000_0000L,
        0xffff_ffffL,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };

    private final SplittableRandom random;
    private final long[] constants;

    Mutator(ProgramSpec program, long seed) {
        this.random = new SplittableRandom(seed);
        List<Long> found = new ArrayList<>();
        for (Insn insn : program.insns()) {
            Kind kind = insn.opcode().kind();
            if (kind == Kind.ALU || kind == Kind.JCC || kind == Kind.ST) {
                found.add((long) insn.imm());
            } else if (kind == Kind.LDX || kind == Kind.STX) {
                found.add((long) insn.off() + insn.opcode().bits() / 8);
            }
        }
        this.constants = found.stream().mapToLong(Long::longValue).distinct().toArray();
    }

    /** An input near {@code from}, by what {@code trace} says of the run over it. */
    Input derive(Input from, Trace.Observed trace) {
        Input input = from;
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            input = change(input, trace);
        }
        return input;
    }

    private Input change(Input from, Trace.Observed trace) {
        int choice = random.nextInt(10);
        if (from.data() != null && choice < 3) {
            return from.withData(Arrays.copyOf(from.data(), length(from.data().length, trace)));
        }
        if (!trace.lookups().isEmpty() && choice == 3) {
            Trace.Lookup lookup = trace.lookups().get(random.nextInt(trace.lookups().size()));
            if (isWritable(lookup)) {
                byte[] value = new byte[lookup.map().valueSize()];
                random.nextBytes(value);
                return from.with(
                        new Input.Entry(
                                lookup.map().name(),
                                lookup.key(),
                                random.nextBoolean() ? value : bytes(value, trace)));
            }
        }
        if (!from.entries().isEmpty() && choice == 4) {
            Input.Entry entry = from.entries().get(random.nextInt(from.entries().size()));
            return from.with(
                    new Input.Entry(entry.map(), entry.key(), bytes(entry.value(), trace)));
        }
        if (from.args() != null && (choice < 8 || from.data() == null)) {
            long[] args = from.args().clone();
            args[random.nextInt(args.length)] = number();
            return from.withArgs(args);
        }
        if (from.ctx() != null && (from.data() == null || choice == 9)) {
            return from.withCtx(bytes(from.ctx(), trace));
        }
        return from.data() == null ? from : from.withData(bytes(from.data(), trace));
    }

    private static boolean isWritable(Trace.Lookup lookup) {
        return switch (lookup.map().type()) {
            case ARRAY, HASH, LRU_HASH, LPM_TRIE -> lookup.map().isWritableByUser();
            default -> false;
        };
    }

    /** A length near one that the run, or the program, compares with. */
    private int length(int from, Trace.Observed trace) {
        int length = from;
        List<Trace.Comparison> comparisons = trace.comparisons();
        if (!comparisons.isEmpty() && random.nextBoolean()) {
            Trace.Comparison one = comparisons.get(random.nextInt(comparisons.size()));
            long distance = one.left() - one.right();
            if (Math.abs(distance) < MAX_DISTANCE) {
                length += (int) distance;
            }
        } else if (constants.length > 0 && random.nextBoolean()) {
            length = (int) constants[random.nextInt(constants.length)];
        } else {
            length = random.nextInt(from + 1);
        }
        return Math.clamp((long) length + random.nextInt(-2, 3), 0, MAX_LENGTH);
    }

    private long number() {
        return switch (random.nextInt(3)) {
            case 0 -> EXTREMES[random.nextInt(EXTREMES.length)];
            case 1 ->
                    constants.length == 0
                            ? random.nextLong()
                            : constants[random.nextInt(constants.length)] + random.nextInt(-1, 2);
            default -> random.nextLong() >>> random.nextInt(64);
        };
    }

    private byte[] bytes(byte[] from, Trace.Observed trace) {
        byte[] bytes = from.clone();
        if (bytes.length == 0) {
            return bytes;
        }
        List<Trace.Comparison> comparisons = trace.comparisons();
        if (!comparisons.isEmpty() && random.nextInt(3) > 0) {
            Trace.Comparison one = comparisons.get(random.nextInt(comparisons.size()));
            if (random.nextBoolean()
                    ? replace(bytes, one.left(), one.right())
                    : replace(bytes, one.right(), one.left())) {
                return bytes;
            }
        }
        int width = Math.min(1 << random.nextInt(4), bytes.length);
        put(bytes, random.nextInt(bytes.length - width + 1), width, number(), random.nextBoolean());
        return bytes;
    }

    /** Where a number stands in the bytes, puts another one, or one beside it, in its place. */
    private boolean replace(byte[] bytes, long from, long to) {
        long value = to + random.nextInt(-1, 2);
        List<Runnable> places = new ArrayList<>();
        for (int width = 1; width <= 8; width *= 2) {
            long mask = width == 8 ? -1 : (1L << (8 * width)) - 1;
            LongPredicate fits = number -> (number & ~mask) == 0;
            if (!fits.test(from)) {
                continue;
            }
            for (int at = 0; at + width <= bytes.length; at++) {
                for (boolean big : new boolean[] {false, true}) {
                    if (number(bytes, at, width, big) == from) {
                        int size = width;
                        int place = at;
                        places.add(() -> put(bytes, place, size, value, big));
                    }
                }
            }
        }
        if (places.isEmpty()) {
            return false;
        }
        places.get(random.nextInt(places.size())).run();
        return true;
    }

    private static long number(byte[] bytes, int at, int width, boolean big) {
        long number = 0;
        for (int i = 0; i < width; i++) {
            int shift = 8 * (big ? width - 1 - i : i);
            number |= (bytes[at + i] & 0xffL) << shift;
        }
        return number;
    }

    private static void put(byte[] bytes, int at, int width, long number, boolean big) {
        for (int i = 0; i < width; i++) {
            int shift = 8 * (big ? width - 1 - i : i);
            bytes[at + i] = (byte) (number >>> shift);
        }
    }
}

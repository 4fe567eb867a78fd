package org.trufflebpf.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Records and switches over types that {@link PlainBytecodeTest} runs as they are and rewritten.
 */
final class PlainBytecodeSample {
    sealed interface Shape {
        /** A switch in an interface, with a guard that sends the search on. */
        static String name(Shape shape, int limit) {
            return switch (shape) {
                case Every every when every.i > limit -> "large";
                case Every every -> "every " + every.i;
                case Empty empty -> "empty" + empty;
            };
        }
    }

    /** A field of each kind. */
    record Every(
            boolean z,
            byte b,
            short s,
            char c,
            int i,
            long j,
            float f,
            double d,
            String text,
            List<Shape> list)
            implements Shape {}

    record Empty() implements Shape {}

    private static final float[] FLOATS = {0f, -0f, 1f, Float.NaN, Float.MIN_VALUE};
    private static final double[] DOUBLES = {0, -0.0, 1, Double.NaN, Double.MAX_VALUE};

    /** What records and switches give for random values, as text. */
    static String probe(long seed) {
        Random random = new Random(seed);
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            shapes.add(random.nextInt(10) == 0 ? new Empty() : every(random));
        }
        StringBuilder text = new StringBuilder();
        for (Shape a : shapes) {
            text.append(a.hashCode()).append(Shape.name(a, 0)).append(kind(a)).append('\n');
            for (Shape b : shapes) {
                text.append(a.equals(b) ? '=' : '.');
            }
            for (Object other : new Object[] {null, "text"}) {
                text.append(a.equals(other));
            }
        }
        for (Object other : new Object[] {1, "x", 2L, 'c'}) {
            text.append(kind(other));
        }
        return text.append(kind(null)).toString();
    }

    /** Values that are often equal. */
    private static Every every(Random random) {
        int few = random.nextInt(4);
        return new Every(
                few == 0,
                (byte) -few,
                (short) few,
                (char) few,
                random.nextInt(2),
                random.nextInt(2) * (1L << 40),
                FLOATS[random.nextInt(FLOATS.length)],
                DOUBLES[random.nextInt(DOUBLES.length)],
                random.nextBoolean() ? null : "text",
                random.nextBoolean() ? List.of() : List.of(new Empty()));
    }

    private static String kind(Object value) {
        return switch (value) {
            case null -> "null";
            case String text when text.length() > 1 -> "long text";
            case CharSequence text -> "text " + text;
            case Integer number -> "int " + number;
            case Number number -> "number " + number;
            case Shape shape -> "shape";
            default -> "other";
        };
    }

    private PlainBytecodeSample() {}
}

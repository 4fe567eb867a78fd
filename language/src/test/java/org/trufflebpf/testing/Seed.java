package org.trufflebpf.testing;

/**
 * The seed of a random test: always printed, so that a failure can be repeated, and set by the
 * system property {@code trufflebpf.seed}. The default is fixed: the suite that passed here passes
 * elsewhere; other programs are tried by setting another seed.
 */
public final class Seed {
    public static final String PROPERTY = "trufflebpf.seed";

    private static final long DEFAULT = 9669;

    private Seed() {}

    /** The seed for a test, printed with its name. */
    public static long of(String test) {
        long seed = Long.getLong(PROPERTY, DEFAULT);
        System.out.println(test + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }
}

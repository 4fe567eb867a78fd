package org.trufflebpf.benchmarks;

import java.util.Arrays;

/** The rounds of one engine on one program: nanoseconds per run. */
final class Samples {
    private final double[] rounds;
    private int count;

    Samples(int rounds) {
        this.rounds = new double[rounds];
    }

    void add(double nanos) {
        rounds[count++] = nanos;
    }

    private double quantile(double share) {
        double[] sorted = Arrays.copyOf(rounds, count);
        Arrays.sort(sorted);
        double at = share * (count - 1);
        int low = (int) at;
        int high = Math.min(low + 1, count - 1);
        return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
    }

    double median() {
        return quantile(0.5);
    }

    /** Half the distance between the quartiles, as a share of the median. */
    double spread() {
        return (quantile(0.75) - quantile(0.25)) / 2 / median();
    }

    double min() {
        return quantile(0);
    }
}

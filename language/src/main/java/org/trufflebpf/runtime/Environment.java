package org.trufflebpf.runtime;

import org.trufflebpf.world.WorldSpec;

/**
 * What the user sets of the simulated machine.
 *
 * @param cpus number of virtual CPUs
 * @param seed seed of {@code bpf_get_prandom_u32} and of every other random choice
 * @param clock fixed time in nanoseconds since boot for {@code bpf_ktime_get_*}, or -1 for the real
 *     clock
 * @param maxMemory bytes that all objects of the context may take
 * @param world tasks, sockets, interfaces and what else programs may ask for
 * @param timeoutNanos longest time of one program run, 0 for no limit
 */
public record Environment(
        int cpus, long seed, long clock, long maxMemory, WorldSpec world, long timeoutNanos) {
    /** Two CPUs, seed 1, the real clock, 1 GiB, the default world, 60 seconds. */
    public static final Environment DEFAULT =
            new Environment(2, 1, -1, 1L << 30, WorldSpec.DEFAULT, 60_000_000_000L);
}

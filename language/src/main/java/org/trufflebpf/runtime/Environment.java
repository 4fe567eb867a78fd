package org.trufflebpf.runtime;

/**
 * What the user sets of the simulated machine.
 *
 * @param cpus number of virtual CPUs
 * @param seed seed of {@code bpf_get_prandom_u32} and of every other random choice
 * @param clock fixed time in nanoseconds since boot for {@code bpf_ktime_get_*}, or -1 for the real
 *     clock
 * @param maxMemory bytes that all objects of the context may take
 * @param pid thread id of the current task
 * @param tgid process id of the current task
 * @param uid user id of the current task
 * @param gid group id of the current task
 * @param comm name of the current task, at most 15 bytes
 * @param timeoutNanos longest time of one program run, 0 for no limit
 */
public record Environment(
        int cpus,
        long seed,
        long clock,
        long maxMemory,
        int pid,
        int tgid,
        int uid,
        int gid,
        String comm,
        long timeoutNanos) {
    /**
     * Two CPUs, seed 1, the real clock, 1 GiB, the task {@code ebpf-run} of user 0 with process id
     * 1, 60 seconds.
     */
    public static final Environment DEFAULT =
            new Environment(2, 1, -1, 1L << 30, 1, 1, 0, 0, "ebpf-run", 60_000_000_000L);
}

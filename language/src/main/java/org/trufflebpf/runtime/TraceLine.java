package org.trufflebpf.runtime;

import java.util.Locale;

/**
 * A line that a program printed with {@code bpf_trace_printk}.
 *
 * @param comm name of the task
 * @param pid its thread id
 * @param cpu the virtual CPU
 * @param nanos time since boot
 * @param text what was printed, without the final newline
 */
public record TraceLine(String comm, int pid, int cpu, long nanos, String text) {
    /** The form of the kernel's trace file. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%16s-%-7d [%03d] d.... %d.%06d: bpf_trace_printk: %s",
                comm,
                pid,
                cpu,
                nanos / 1_000_000_000,
                nanos / 1000 % 1_000_000,
                text);
    }
}

package org.trufflebpf.runtime;

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
        // By hand: a formatter would cost a tenth of the time that a short run takes.
        long micros = nanos / 1000;
        return padding(16 - comm.length(), ' ')
                + comm
                + "-"
                + pid
                + padding(7 - Integer.toString(pid).length(), ' ')
                + " ["
                + zeros(3, cpu)
                + "] d.... "
                + micros / 1_000_000
                + "."
                + zeros(6, micros % 1_000_000)
                + ": bpf_trace_printk: "
                + text;
    }

    private static String zeros(int width, long number) {
        String digits = Long.toString(number);
        return padding(width - digits.length(), '0') + digits;
    }

    private static String padding(int count, char with) {
        return Character.toString(with).repeat(Math.max(0, count));
    }
}

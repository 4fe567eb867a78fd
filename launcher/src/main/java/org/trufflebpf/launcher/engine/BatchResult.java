package org.trufflebpf.launcher.engine;

import java.util.List;

/**
 * What a batch of packets came to.
 *
 * @param done packets that were run; fewer than were given when the output buffer is full
 * @param inUsed bytes of the input buffer that these packets took
 * @param outUsed bytes that were written to the output buffer
 * @param verdicts how often each return value came
 * @param trace the lines that the program printed
 * @param events the records that it sent to user space
 */
public record BatchResult(
        int done,
        int inUsed,
        int outUsed,
        List<Count> verdicts,
        List<String> trace,
        List<Event> events) {

    /**
     * A return value's share of the batch.
     *
     * @param verdict the return value's name, or {@code null}
     * @param bytes size of these packets as they came in
     */
    public record Count(long retval, String verdict, long packets, long bytes) {}
}

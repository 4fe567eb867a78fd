package org.trufflebpf.launcher;

import java.io.PrintStream;

/**
 * One line on a terminal that says how far a long job is, redrawn at most ten times a second. It
 * draws from the job's own thread: libraries for this bring a terminal library and a thread into
 * every start.
 */
final class Progress {
    private static final long INTERVAL_NS = 100_000_000;
    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\033[K";

    private final PrintStream stream;
    private final boolean enabled;
    private final long total;
    private final long start = System.nanoTime();
    private long drawn = start;
    private boolean visible;

    /**
     * @param total bytes of the whole job, or -1 where nobody knows
     */
    Progress(Io io, long total) {
        this.stream = io.err();
        this.enabled = io.errIsTerminal();
        this.total = total;
    }

    void update(long bytes, long packets) {
        long now = System.nanoTime();
        if (!enabled || now - drawn < INTERVAL_NS) {
            return;
        }
        drawn = now;
        StringBuilder line = new StringBuilder(CLEAR_LINE);
        if (total > 0) {
            double part = Math.min(1, (double) bytes / total);
            int filled = (int) (part * WIDTH);
            line.append('[')
                    .append("=".repeat(filled))
                    .append(" ".repeat(WIDTH - filled))
                    .append("] ");
            line.append((int) (part * 100)).append(" %  ");
        }
        line.append(Text.grouped(packets)).append(" packets, ");
        line.append(Text.grouped(Math.round(packets * 1e9 / (now - start)))).append("/s");
        stream.print(line);
        stream.flush();
        visible = true;
    }

    /** Takes the line away, before other text comes or at the end. */
    void clear() {
        if (visible) {
            stream.print(CLEAR_LINE);
            stream.flush();
            visible = false;
        }
    }
}

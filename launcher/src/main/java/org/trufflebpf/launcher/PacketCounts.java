package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.BatchResult;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many packets and bytes came to which verdict, summed over the batches of a capture. */
final class PacketCounts {
    /**
     * Programs without verdicts may return anything: what comes after so many values is summed up
     * as one.
     */
    private static final int MAX_ROWS = 1000;

    private static final long OTHER = -1;

    private final Map<Long, Row> rows = new TreeMap<>();
    private long packets;
    private long bytes;

    /** One return value's share; {@code verdict} is its name, or {@code null}. */
    record Row(long retval, String verdict, long packets, long bytes) {
        /** The name, or the number where there is none. */
        String label() {
            return verdict != null ? verdict : retval == OTHER ? "other" : Long.toString(retval);
        }
    }

    void add(BatchResult.Count count) {
        packets += count.packets();
        bytes += count.bytes();
        boolean own = rows.size() < MAX_ROWS || rows.containsKey(count.retval());
        Row share =
                own
                        ? new Row(count.retval(), count.verdict(), count.packets(), count.bytes())
                        : new Row(OTHER, null, count.packets(), count.bytes());
        rows.merge(
                share.retval(),
                share,
                (a, b) ->
                        new Row(
                                a.retval(),
                                a.verdict(),
                                a.packets() + b.packets(),
                                a.bytes() + b.bytes()));
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    /** The most frequent first. */
    List<Row> rows() {
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparingLong(Row::packets).reversed());
        return sorted;
    }

    /** The verdict's name for a return value that was counted, or {@code null}. */
    String verdict(long retval) {
        Row row = rows.get(retval);
        return row == null ? null : row.verdict();
    }
}

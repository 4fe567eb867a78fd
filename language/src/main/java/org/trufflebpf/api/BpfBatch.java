package org.trufflebpf.api;

import java.util.List;
import java.util.Map;

/**
 * What a program made of many packets.
 *
 * @param outputs return value and packet of each run, in order
 * @param counts number of runs by the name of their return value (its number where the type has no
 *     name for it)
 * @param trace what the program printed, a line each
 * @param events what it sent through ring buffers and perf event arrays
 */
public record BpfBatch(
        List<Output> outputs, Map<String, Long> counts, List<String> trace, List<BpfEvent> events) {

    /**
     * One run.
     *
     * @param value the return value: the low 32 bits of r0, unsigned
     * @param data the packet afterwards
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Output(long value, byte[] data) {}

    public BpfBatch {
        outputs = List.copyOf(outputs);
        trace = List.copyOf(trace);
        events = List.copyOf(events);
    }
}

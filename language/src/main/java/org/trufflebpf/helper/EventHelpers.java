package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.PerfEventArrayMap;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Arrays;
import java.util.Map;

/** Helpers that send records to user space. */
final class EventHelpers {
    /** {@code BPF_F_INDEX_MASK}. */
    private static final long INDEX_MASK = 0xffff_ffffL;

    /** {@code BPF_F_CTXLEN_MASK}: bytes of the packet that follow the record. */
    private static final long LENGTH_MASK = 0xfffffL << 32;

    private EventHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("perf_event_output", EventHelpers::perfOutput);
        all.put(
                "ringbuf_output",
                (run, map, data, size, flags, r5) -> ring(run, map).output(data, size, flags));
        all.put(
                "ringbuf_reserve",
                (run, map, size, flags, r4, r5) -> ring(run, map).reserve(size, flags));
        all.put(
                "ringbuf_submit",
                (run, record, flags, r3, r4, r5) -> {
                    ringOf(run, record).submit(record, flags);
                    return 0;
                });
        all.put(
                "ringbuf_discard",
                (run, record, flags, r3, r4, r5) -> {
                    ringOf(run, record).discard(record, flags);
                    return 0;
                });
        all.put("ringbuf_query", (run, map, what, r3, r4, r5) -> ring(run, map).query(what));
    }

    private static RingbufMap ring(Run run, long map) {
        return (RingbufMap) MapHelpers.map(run, map);
    }

    private static RingbufMap ringOf(Run run, long record) {
        RingbufMap ring = RingbufMap.of(run.memory(), record);
        if (ring == null) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(record) + " is no reserved ring buffer record");
        }
        return ring;
    }

    private static long perfOutput(
            Run run, long context, long map, long flags, long data, long size) {
        PerfEventArrayMap events = (PerfEventArrayMap) MapHelpers.map(run, map);
        Packet packet = Packet.of(run);
        long length = (flags & LENGTH_MASK) >>> 32;
        if (packet == null || length == 0) {
            return events.output(flags, run.cpu(), data, size);
        }
        if ((flags & ~(INDEX_MASK | LENGTH_MASK)) != 0) {
            return Errno.EINVAL.negative();
        }
        if (length > packet.length()) {
            return Errno.EFAULT.negative();
        }
        Memory memory = run.memory();
        byte[] record = new byte[(int) (size + length)];
        memory.read(data, record, 0, (int) size);
        byte[] bytes = packet.bytes(packet.data());
        System.arraycopy(Arrays.copyOf(bytes, (int) length), 0, record, (int) size, (int) length);
        return events.output(flags & INDEX_MASK, run.cpu(), record);
    }
}

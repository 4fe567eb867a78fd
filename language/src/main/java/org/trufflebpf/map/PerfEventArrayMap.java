package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * {@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}: one stream of records for each CPU, from programs to user
 * space. Where a loader would open a perf event for each slot, all slots of existing CPUs are open
 * here from the start. Records go to the {@link Sink} if there is one, else they wait, up to {@link
 * #CAPACITY} bytes for each CPU; those that find no room are counted as lost.
 */
public final class PerfEventArrayMap extends AbstractArrayMap {
    /** Bytes that may wait for user space on one CPU: 64 pages, libbpf's usual choice. */
    public static final int CAPACITY = 64 * 4096;

    /** Takes records as they are sent, on the thread that sends them. */
    @FunctionalInterface
    public interface Sink {
        void record(int cpu, byte[] data);
    }

    private static final class Stream {
        final Queue<byte[]> records = new ArrayDeque<>();
        int bytes;
        boolean open = true;
    }

    private final Stream[] streams;
    private volatile Sink sink;
    private volatile long lost;

    PerfEventArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.streams = new Stream[Math.min(spec.maxEntries(), host.cpus())];
        for (int i = 0; i < streams.length; i++) {
            streams[i] = new Stream();
        }
    }

    /** Sends records to {@code newSink} from now on; {@code null} lets them wait here. */
    public void setSink(Sink newSink) {
        sink = newSink;
    }

    /** Records that found no room. */
    public long lost() {
        return lost;
    }

    /**
     * {@code bpf_perf_event_output}.
     *
     * @param flags the slot, or {@code BPF_F_CURRENT_CPU}
     * @param cpu the CPU that the program runs on
     * @return 0 or a negative errno
     */
    public long output(long flags, int cpu, long data, long size) {
        long error = check(flags, cpu);
        return error != 0 ? error : send(cpu, memory().read(data, (int) size));
    }

    /**
     * As {@link #output(long, int, long, long)}, with bytes that were put together before (packet
     * data).
     */
    public long output(long flags, int cpu, byte[] data) {
        long error = check(flags, cpu);
        return error != 0 ? error : send(cpu, data);
    }

    private long check(long flags, int cpu) {
        if ((flags & ~MapFlags.BPF_F_INDEX_MASK) != 0) {
            return Errno.EINVAL.negative();
        }
        long index = flags == MapFlags.BPF_F_CURRENT_CPU ? cpu : flags;
        if (index >= Integer.toUnsignedLong(maxEntries())) {
            return Errno.E2BIG.negative();
        }
        if (index >= streams.length || !isOpen((int) index)) {
            return Errno.ENOENT.negative();
        }
        return index == cpu ? 0 : Errno.EOPNOTSUPP.negative();
    }

    private long send(int cpu, byte[] data) {
        Sink target = sink;
        if (target != null) {
            target.record(cpu, data);
            return 0;
        }
        Stream stream = streams[cpu];
        synchronized (stream) {
            if (data.length > CAPACITY - stream.bytes) {
                countLost();
                return Errno.ENOSPC.negative();
            }
            stream.bytes += data.length;
            stream.records.add(data);
            return 0;
        }
    }

    private synchronized void countLost() {
        lost++;
    }

    /** The oldest record that waits on a CPU, or {@code null}. */
    public byte[] poll(int cpu) {
        Stream stream = streams[cpu];
        synchronized (stream) {
            byte[] data = stream.records.poll();
            if (data != null) {
                stream.bytes -= data.length;
            }
            return data;
        }
    }

    /** Opens or closes the slot of a CPU. */
    public void setOpen(int cpu, boolean open) {
        synchronized (streams[cpu]) {
            streams[cpu].open = open;
        }
    }

    private boolean isOpen(int cpu) {
        synchronized (streams[cpu]) {
            return streams[cpu].open;
        }
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        throw error(Errno.ENOTSUPP, "a perf event cannot be read back");
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        throw error(
                Errno.EBADF, "there are no perf events to put in; the slots of all CPUs are open");
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        int index = indexOf(key);
        if (isOutside(index)) {
            throw error(Errno.E2BIG, "slot " + Integer.toUnsignedString(index));
        }
        if (index >= streams.length || !isOpen(index)) {
            throw error(Errno.ENOENT, "slot " + index + " is empty");
        }
        setOpen(index, false);
    }
}

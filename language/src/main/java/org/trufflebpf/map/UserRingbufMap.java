package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code BPF_MAP_TYPE_USER_RINGBUF}: records of any size from user space to programs, in the form
 * of {@link RingbufMap}'s. User space has one producer at a time; one program drains at a time.
 */
public final class UserRingbufMap extends BpfMap {
    /** Records that one call drains at most (kernel: {@code BPF_MAX_USER_RINGBUF_SAMPLES}). */
    public static final int MAX_SAMPLES = 128 * 1024;

    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;
    private static final int HEADER = 8;

    private final Memory memory;
    private final long size;
    private final long data;
    private final AtomicLong producer = new AtomicLong();
    private final AtomicLong consumer = new AtomicLong();
    private final AtomicBoolean draining = new AtomicBoolean();

    /** Sees one record; nonzero ends the walk. */
    @FunctionalInterface
    public interface Sample {
        long visit(long address, int length);
    }

    UserRingbufMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.size = spec.maxEntries();
        this.data = memory.reserve(2 * size, 4096, "map " + spec.name());
        memory.fill(data, 2 * size, (byte) 0);
        memory.add(new Region(Region.Kind.RING_BUFFER, spec.name(), data, 2 * size, false));
    }

    /**
     * Sends a record (libbpf: {@code user_ring_buffer__reserve} and {@code __submit}).
     *
     * @throws MapException ENOSPC if there is no room, E2BIG if there can never be
     */
    public synchronized void send(byte[] record) {
        long whole = round8(record.length + HEADER);
        if (whole > size) {
            throw error(Errno.E2BIG, "a record of " + record.length + " bytes");
        }
        long position = producer.get();
        if (whole > size - (position - consumer.get())) {
            throw error(Errno.ENOSPC, "it is full");
        }
        long header = at(position);
        memory.write(header + HEADER, record);
        memory.putInt(header, record.length);
        producer.set(position + whole);
    }

    private long at(long position) {
        return data + (position & (size - 1));
    }

    /**
     * {@code bpf_user_ringbuf_drain}: shows the records to {@code visitor}, in order.
     *
     * @return the number of records, or {@code -EBUSY} while another program drains
     */
    public long drain(Sample visitor) {
        if (!draining.compareAndSet(false, true)) {
            return Errno.EBUSY.negative();
        }
        try {
            long samples = 0;
            boolean stopped = false;
            while (samples < MAX_SAMPLES && !stopped) {
                long position = consumer.get();
                if (position >= producer.get()) {
                    break;
                }
                long header = at(position);
                int length = memory.getInt(header) & ~(BUSY | DISCARD);
                try {
                    stopped = visitor.visit(header + HEADER, length) != 0;
                } finally {
                    consumer.set(position + round8(length + HEADER));
                }
                samples++;
            }
            return samples;
        } finally {
            draining.set(false);
        }
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.ENOTSUPP.negative();
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.ENOTSUPP.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.ENOTSUPP.negative();
    }

    private MapException none() {
        return error(Errno.ENOTSUPP, "a ring buffer has no elements");
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        throw none();
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkLock(flags);
        throw none();
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw none();
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw none();
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * {@code BPF_MAP_TYPE_RINGBUF}: records of any size in one order, from programs on all CPUs to user
 * space. Each has a header of 8 bytes (length with the bits "busy" and "discard"), and takes a
 * multiple of 8. Positions only grow; a record lies at its position modulo the size. The kernel
 * maps the data twice in a row so that a record may run over the end; here the space behind the end
 * belongs to the ring, and only such records use it.
 *
 * <p>A record is addressable from {@link #reserve} to {@link #submit} or {@link #discard}.
 */
public final class RingbufMap extends BpfMap {
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;
    private static final int HEADER = 8;

    /** Records that can be reserved at the same time. */
    private static final int OPEN_RECORDS = 1024;

    private final Memory memory;
    private final long size;
    private final long mask;
    private final long data;
    private final SpinGuard producer = new SpinGuard();
    private final SpinGuard consumer = new SpinGuard();
    private final AtomicLong producerPosition = new AtomicLong();
    private final AtomicLong consumerPosition = new AtomicLong();

    /**
     * Records between reserve and commit: address in the low half, length in the high half; 0 for
     * an unused entry.
     */
    private final AtomicLongArray open = new AtomicLongArray(OPEN_RECORDS);

    private volatile int openEnd;
    private long pendingPosition;
    private volatile Runnable wakeup;

    /** Takes a record. */
    @FunctionalInterface
    public interface Consumer {
        void record(byte[] data);
    }

    /** The records that are open; nothing else of the ring is accessible. */
    private static final class Records extends Region {
        private final RingbufMap map;

        Records(RingbufMap map, long start, long size) {
            super(Kind.RING_BUFFER, map.name(), start, size, size, size, true);
            this.map = map;
        }

        @Override
        public boolean contains(long address, long length) {
            return map.isOpen(address, length);
        }
    }

    RingbufMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.size = spec.maxEntries();
        this.mask = size - 1;
        this.data = memory.reserve(2 * size, 4096, "map " + spec.name());
        memory.add(new Records(this, data, 2 * size));
    }

    /** Whether an address lies where the ring has its records. */
    public boolean spans(long address) {
        return address >= data && address < data + 2 * size;
    }

    /** The ring that an address of a record belongs to, or {@code null}. */
    public static RingbufMap of(Memory memory, long sample) {
        return memory.find(sample) instanceof Records records ? records.map : null;
    }

    /** Whether a record that is reserved and not yet given away begins at an address. */
    public static boolean isRecord(Memory memory, long address) {
        RingbufMap ring = of(memory, address);
        return ring != null && ring.openIndex(address) >= 0;
    }

    /**
     * Called after a commit that user space should hear of (kernel: the wakeup of {@code epoll}),
     * on the program's thread.
     */
    public void setWakeup(Runnable action) {
        wakeup = action;
    }

    /**
     * {@code bpf_ringbuf_reserve}.
     *
     * @return address of the record's bytes, or 0
     */
    public long reserve(long length, long flags) {
        if (flags != 0 || length < 0 || length > 0xffffffffL / 4) {
            return 0;
        }
        long whole = round8(length + HEADER);
        if (whole > size) {
            return 0;
        }
        producer.lock();
        try {
            return reserveLocked(length, whole);
        } finally {
            producer.unlock();
        }
    }

    /**
     * As {@link #reserve}, but short: no waiting, so that it can be compiled into programs. {@link
     * #UNKNOWN} where another thread is at work.
     */
    public long tryReserve(long length, long flags) {
        if (flags != 0 || length < 0 || length > size - HEADER || !producer.tryLock()) {
            return UNKNOWN;
        }
        long record = reserveLocked(length, round8(length + HEADER));
        producer.unlock();
        return record;
    }

    private long reserveLocked(long length, long whole) {
        long start = producerPosition.getAcquire();
        long end = start + whole;
        while (pendingPosition < start) {
            int header = memory.getIntVolatile(at(pendingPosition));
            if ((header & BUSY) != 0) {
                break;
            }
            pendingPosition += round8((header & ~DISCARD) + HEADER);
        }
        if (end - consumerPosition.getAcquire() > mask || end - pendingPosition > mask) {
            return 0;
        }
        long header = at(start);
        if (!opened(header + HEADER, length)) {
            return 0;
        }
        memory.putInt(header, (int) length | BUSY);
        memory.putInt(header + 4, 0);
        producerPosition.setRelease(end);
        return header + HEADER;
    }

    private long at(long position) {
        return data + (position & mask);
    }

    /** Notes an open record; under the producer's lock. */
    private boolean opened(long address, long length) {
        for (int i = 0; i < OPEN_RECORDS; i++) {
            if (open.getAcquire(i) == 0) {
                open.setRelease(i, address | (length << 32));
                if (i >= openEnd) {
                    openEnd = i + 1;
                }
                return true;
            }
        }
        return false;
    }

    private int openIndex(long address) {
        int end = openEnd;
        for (int i = 0; i < end; i++) {
            long entry = open.getAcquire(i);
            if (entry != 0 && (entry & 0xffffffffL) == address) {
                return i;
            }
        }
        return -1;
    }

    private boolean isOpen(long address, long length) {
        int end = openEnd;
        for (int i = 0; i < end; i++) {
            long entry = open.getAcquire(i);
            long offset = address - (entry & 0xffffffffL);
            if (entry != 0 && offset >= 0 && length >= 0 && offset <= (entry >>> 32) - length) {
                return true;
            }
        }
        return false;
    }

    /** {@code bpf_ringbuf_submit}: gives the record to user space. */
    public void submit(long sample, long flags) {
        commit(sample, flags, 0);
    }

    /** {@code bpf_ringbuf_discard}: user space will skip the record. */
    public void discard(long sample, long flags) {
        commit(sample, flags, DISCARD);
    }

    /**
     * As {@link #submit} or {@link #discard}, but short, so that it can be compiled into programs.
     *
     * @return whether it was done; not where user space waits or the record is not open
     */
    public boolean tryCommit(long sample, long flags, boolean discard) {
        int index = flags == MapFlags.BPF_RB_NO_WAKEUP || wakeup == null ? openIndex(sample) : -1;
        if (index < 0) {
            return false;
        }
        int length = (int) (open.getAcquire(index) >>> 32) | (discard ? DISCARD : 0);
        open.setRelease(index, 0);
        if (flags == MapFlags.BPF_RB_NO_WAKEUP) {
            // nothing is read behind it
            memory.releaseFence();
            memory.putInt(sample - HEADER, length);
        } else {
            finish(sample - HEADER, length, flags);
        }
        return true;
    }

    private void commit(long sample, long flags, int bit) {
        int index = openIndex(sample);
        long entry = index < 0 ? 0 : open.getAcquire(index);
        if (entry == 0) {
            throw memory.fault(sample, 1, true);
        }
        open.setRelease(index, 0);
        finish(sample - HEADER, (int) (entry >>> 32) | bit, flags);
    }

    /** Takes the busy bit away and wakes user space as the kernel would. */
    private void finish(long header, int length, long flags) {
        memory.getAndSetInt(header, length);
        Runnable action = wakeup;
        if (action != null) {
            boolean caughtUp = at(consumerPosition.get()) == header;
            if ((flags & MapFlags.BPF_RB_FORCE_WAKEUP) != 0
                    || (caughtUp && (flags & MapFlags.BPF_RB_NO_WAKEUP) == 0)) {
                action.run();
            }
        }
    }

    /** {@code bpf_ringbuf_output}: copies a record in; 0 or a negative errno. */
    public long output(long source, long length, long flags) {
        if ((flags & ~(MapFlags.BPF_RB_NO_WAKEUP | MapFlags.BPF_RB_FORCE_WAKEUP)) != 0) {
            return Errno.EINVAL.negative();
        }
        long record = reserve(length, 0);
        if (record == 0) {
            return Errno.EAGAIN.negative();
        }
        memory.copy(source, record, length);
        submit(record, flags);
        return 0;
    }

    /** {@code bpf_ringbuf_query}. */
    public long query(long what) {
        if (what == MapFlags.BPF_RB_AVAIL_DATA) {
            long from = consumerPosition.get();
            return producerPosition.get() - from;
        }
        if (what == MapFlags.BPF_RB_RING_SIZE) {
            return size;
        }
        if (what == MapFlags.BPF_RB_CONS_POS) {
            return consumerPosition.get();
        }
        return what == MapFlags.BPF_RB_PROD_POS ? producerPosition.get() : 0;
    }

    /**
     * Gives user space the records that are ready, in order, up to the first that a program still
     * writes.
     *
     * @return the number of records
     */
    public int consume(Consumer target) {
        int count = 0;
        byte[] record = poll();
        while (record != null) {
            target.record(record);
            count++;
            record = poll();
        }
        return count;
    }

    /** The next record, or {@code null} if none is ready. */
    public byte[] poll() {
        consumer.lock();
        try {
            long position = consumerPosition.get();
            while (position < producerPosition.get()) {
                long header = at(position);
                int length = memory.getIntVolatile(header);
                if ((length & BUSY) != 0) {
                    return null;
                }
                byte[] record =
                        (length & DISCARD) == 0 ? memory.read(header + HEADER, length) : null;
                position += round8((length & ~DISCARD) + HEADER);
                consumerPosition.set(position);
                if (record != null) {
                    return record;
                }
            }
            return null;
        } finally {
            consumer.unlock();
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

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        throw error(Errno.ENOTSUPP, "a ring buffer has no elements");
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkLock(flags);
        throw error(Errno.ENOTSUPP, "a ring buffer has no elements");
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.ENOTSUPP, "a ring buffer has no elements");
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw error(Errno.ENOTSUPP, "a ring buffer has no elements");
    }
}

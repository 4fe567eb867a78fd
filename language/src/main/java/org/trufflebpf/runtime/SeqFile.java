package org.trufflebpf.runtime;

import java.io.ByteArrayOutputStream;

/**
 * The {@code struct seq_file} of an iterator: what it prints, read by read. One read has a buffer
 * of eight pages; once something does not fit, the buffer has overflowed and takes nothing more.
 */
public final class SeqFile {
    /** Bytes of one read's buffer: eight pages, as the kernel's iterators have. */
    public static final int CAPACITY = 8 * 4096;

    private final ByteArrayOutputStream earlier = new ByteArrayOutputStream();
    private final byte[] buffer = new byte[CAPACITY];
    private int count;
    private int mark;
    private boolean overflowed;

    /** Whether reads have ended; to ask the stream would take a lock. */
    private boolean hasEarlier;

    /** Appends; whether it fitted. */
    public boolean write(byte[] data) {
        overflowed |= count + data.length > CAPACITY;
        if (!overflowed) {
            System.arraycopy(data, 0, buffer, count, data.length);
            count += data.length;
        }
        return !overflowed;
    }

    public boolean overflowed() {
        return overflowed;
    }

    /** What stands in the buffer is to stay. */
    public void mark() {
        mark = count;
    }

    /** Takes back what was written since the mark. */
    public void rollBack() {
        count = mark;
        overflowed = false;
    }

    /** Ends a read; false if it has read nothing. */
    public boolean endRead() {
        if (count == 0) {
            return false;
        }
        earlier.write(buffer, 0, count);
        hasEarlier = true;
        count = 0;
        mark = 0;
        return true;
    }

    public boolean isEmpty() {
        return count == 0 && !hasEarlier;
    }

    /** What all reads gave. */
    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(earlier.toByteArray());
        all.write(buffer, 0, count);
        return all.toByteArray();
    }

    void clear() {
        earlier.reset();
        count = 0;
        mark = 0;
        overflowed = false;
        hasEarlier = false;
    }
}

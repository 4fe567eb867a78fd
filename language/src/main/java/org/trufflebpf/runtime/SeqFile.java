package org.trufflebpf.runtime;

import java.io.ByteArrayOutputStream;

/**
 * The {@code struct seq_file} of an iterator: what it prints in one run. Once a record does not
 * fit, the file has overflowed and takes nothing more.
 */
public final class SeqFile {
    /** Bytes of one file's buffer: eight pages, as the kernel's iterators have. */
    public static final int CAPACITY = 8 * 4096;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean overflowed;

    /** Appends; whether it fitted. */
    public boolean write(byte[] data) {
        overflowed |= bytes.size() + data.length > CAPACITY;
        if (!overflowed) {
            bytes.writeBytes(data);
        }
        return !overflowed;
    }

    public boolean isEmpty() {
        return bytes.size() == 0;
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }

    void clear() {
        bytes.reset();
        overflowed = false;
    }
}

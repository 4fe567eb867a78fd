package org.trufflebpf.runtime;

import java.util.Arrays;

/**
 * What a program has written to one of its streams ({@code struct bpf_stream}) and user space has
 * not taken yet.
 */
public final class StreamText {
    /** Bytes that a stream holds, and one more ({@code BPF_STREAM_MAX_CAPACITY}). */
    private static final int CAPACITY = 100_000;

    private byte[] bytes = {};
    private int size;

    /** Appends a text; false if it does not fit, of which nothing is taken then. */
    public boolean write(byte[] text) {
        if (size + text.length >= CAPACITY) {
            return false;
        }
        if (size + text.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + text.length));
        }
        System.arraycopy(text, 0, bytes, size, text.length);
        size += text.length;
        return true;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** All of it, {@code null} for nothing. */
    byte[] taken() {
        return size == 0 ? null : Arrays.copyOf(bytes, size);
    }

    void clear() {
        size = 0;
    }
}

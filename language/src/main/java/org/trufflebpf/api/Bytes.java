package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

/** Bytes that leave the guest. */
final class Bytes {
    private Bytes() {}

    /** A copy of a buffer, {@code null} for null. */
    static byte[] of(Value buffer) {
        if (buffer.isNull()) {
            return null;
        }
        byte[] bytes = new byte[Math.toIntExact(buffer.getBufferSize())];
        buffer.readBuffer(0, bytes, 0, bytes.length);
        return bytes;
    }
}

package org.trufflebpf.api;

import java.nio.ByteOrder;

/**
 * Turns the bytes of one C type into values of one Java type and back; made by {@link Codecs},
 * which has checked that the types fit. Immutable.
 */
interface Codec {
    /**
     * The value that begins at a bit.
     *
     * @param width bits of the value
     */
    Object read(byte[] bytes, long bit, int width, ByteOrder order);

    /** Puts a value where {@link #read} would find it; what is not a member of it stays. */
    void write(byte[] bytes, long bit, int width, ByteOrder order, Object value);
}

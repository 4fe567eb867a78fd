package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import org.trufflebpf.btf.value.Bits;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.uapi.Errno;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes that live values are views of: part of the arena, or a copy of what left the guest.
 * Knows who may write to them, and for how long they may be touched at all.
 */
final class Storage {
    /** The arena, or {@code null} for a copy. */
    private final Memory memory;

    private final byte[] copy;
    private final ByteOrder order;

    /** The map whose values these are, or {@code null}. */
    private final BpfMap map;

    private final boolean writable;
    private volatile boolean ended;

    private Storage(Memory memory, byte[] copy, ByteOrder order, BpfMap map, boolean writable) {
        this.memory = memory;
        this.copy = copy;
        this.order = order;
        this.map = map;
        this.writable = writable;
    }

    /** A copy, which nothing changes any more. */
    static Storage ofCopy(byte[] bytes, ByteOrder order) {
        return new Storage(null, bytes, order, null, false);
    }

    /** The values of a map. */
    static Storage ofMap(BpfMap map) {
        return new Storage(map.memory(), null, map.memory().order(), map, map.isWritableByUser());
    }

    /** Memory of a run, to be {@linkplain #end() ended} with it. */
    static Storage ofMemory(Memory memory, boolean writable) {
        return new Storage(memory, null, memory.order(), null, writable);
    }

    /** What two views of the same bytes have in common. */
    Object identity() {
        return map != null ? map : memory != null ? this : copy;
    }

    ByteOrder order() {
        return order;
    }

    /** Whether these are bytes that a program can address. */
    boolean isGuest() {
        return memory != null;
    }

    boolean isWritable() {
        return writable && (map == null || !map.isFrozen()) && !ended;
    }

    /** From now on every access fails: the run whose memory it is is over. */
    void end() {
        ended = true;
    }

    private void checkLive() {
        if (ended) {
            throw over();
        }
    }

    @TruffleBoundary
    private static EbpfError over() {
        return new EbpfError(
                BpfException.usage(
                        "this memory belonged to a call that is over; copy what is needed longer"));
    }

    /**
     * Refuses to write where that is not allowed.
     *
     * @param what the thing, for the message
     */
    void checkWritable(String what) {
        if (!isWritable()) {
            throw notWritable(what);
        }
    }

    @TruffleBoundary
    private EbpfError notWritable(String what) {
        if (ended) {
            return over();
        }
        String name = map == null ? "" : map.name();
        return new EbpfError(
                BpfException.usage(
                        "cannot write"
                                + what
                                + (name.isEmpty() ? "" : " in " + name)
                                + ": "
                                + (map != null && map.isFrozen()
                                        ? "it is read-only after load"
                                        : "it is read-only")
                                + " (EPERM)"),
                Errno.EPERM);
    }

    // ---- access

    byte getByte(long at) {
        checkLive();
        return memory != null ? memory.getByte(at) : copy[(int) at];
    }

    short getShort(long at) {
        checkLive();
        return memory != null ? memory.getShort(at) : copyAt().getShort((int) at);
    }

    int getInt(long at) {
        checkLive();
        return memory != null ? memory.getInt(at) : copyAt().getInt((int) at);
    }

    long getLong(long at) {
        checkLive();
        return memory != null ? memory.getLong(at) : copyAt().getLong((int) at);
    }

    private ByteBuffer copyAt() {
        return ByteBuffer.wrap(copy).order(order);
    }

    void putByte(long at, byte value) {
        memory.putByte(at, value);
    }

    void putShort(long at, short value) {
        memory.putShort(at, value);
    }

    void putInt(long at, int value) {
        memory.putInt(at, value);
    }

    void putLong(long at, long value) {
        memory.putLong(at, value);
    }

    @TruffleBoundary
    byte[] read(long at, int size) {
        checkLive();
        byte[] bytes = new byte[size];
        if (memory != null) {
            memory.read(at, bytes, 0, size);
        } else {
            System.arraycopy(copy, (int) at, bytes, 0, size);
        }
        return bytes;
    }

    @TruffleBoundary
    void write(long at, byte[] bytes) {
        memory.write(at, bytes);
    }

    /** A bit-field: {@code width} bits that start {@code bitOffset} bits from {@code at}. */
    @TruffleBoundary
    BigInteger readBits(long at, long bitOffset, int width, boolean signed) {
        long first = bitOffset >> 3;
        int size = (int) (((bitOffset + width + 7) >> 3) - first);
        return Bits.read(read(at + first, size), bitOffset & 7, width, signed, order);
    }

    /** As in C a bit-field is written by writing the bytes that it shares with its neighbours. */
    @TruffleBoundary
    void writeBits(long at, long bitOffset, int width, BigInteger value) {
        long first = bitOffset >> 3;
        int size = (int) (((bitOffset + width + 7) >> 3) - first);
        byte[] bytes = read(at + first, size);
        Bits.write(bytes, bitOffset & 7, width, value, order);
        write(at + first, bytes);
    }
}

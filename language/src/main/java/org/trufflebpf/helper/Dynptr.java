package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

/**
 * A dynptr as it lies on a program's stack, laid out as the kernel's {@code struct
 * bpf_dynptr_kern}: data u64, size u32 with type and read-only bit, offset u32. The data of a
 * packet is its context.
 */
record Dynptr(Run run, long address) {
    /** Bytes that one dynptr spans at most. */
    static final long MAX_SIZE = (1 << 24) - 1;

    /** What the memory is. */
    enum Type {
        INVALID,
        LOCAL,
        RINGBUF,
        SKB,
        XDP,
        SKB_META
    }

    private static final int SIZE_AT = 8;
    private static final int OFFSET_AT = 12;
    private static final int TYPE_SHIFT = 28;
    private static final int READ_ONLY = 1 << 31;
    private static final int SIZE_MASK = 0xff_ffff;

    private Memory memory() {
        return run.memory();
    }

    void set(long data, Type type, long size, boolean readOnly) {
        Memory memory = memory();
        memory.putLong(address, data);
        memory.putInt(
                address + SIZE_AT,
                (int) size | (type.ordinal() << TYPE_SHIFT) | (readOnly ? READ_ONLY : 0));
        memory.putInt(address + OFFSET_AT, 0);
    }

    void setNull() {
        memory().putLong(address, 0);
        memory().putLong(address + SIZE_AT, 0);
    }

    long data() {
        return memory().getLong(address);
    }

    boolean isNull() {
        return data() == 0;
    }

    private int bits() {
        return memory().getInt(address + SIZE_AT);
    }

    Type type() {
        int type = (bits() >>> TYPE_SHIFT) & 7;
        return type < Type.values().length ? Type.values()[type] : Type.INVALID;
    }

    boolean isReadOnly() {
        return (bits() & READ_ONLY) != 0;
    }

    int size() {
        return bits() & SIZE_MASK;
    }

    private int offset() {
        return memory().getInt(address + OFFSET_AT);
    }

    /** Narrows to the bytes from {@code start} up to {@code end}. */
    long adjust(int start, int end) {
        if (isNull() || Integer.compareUnsigned(start, end) > 0) {
            return Errno.EINVAL.negative();
        }
        if (Integer.compareUnsigned(end, size()) > 0) {
            return Errno.ERANGE.negative();
        }
        memory().putInt(address + OFFSET_AT, offset() + start);
        memory().putInt(address + SIZE_AT, (bits() & ~SIZE_MASK) | (end - start));
        return 0;
    }

    void copyTo(Dynptr other) {
        memory().putLong(other.address, data());
        memory().putInt(other.address + SIZE_AT, bits());
        memory().putInt(other.address + OFFSET_AT, offset());
    }

    /** Whether {@code length} bytes at {@code at} (both u64, from programs) are inside. */
    boolean holds(long at, long length) {
        long size = size();
        return Long.compareUnsigned(length, size) <= 0
                && Long.compareUnsigned(at, size - length) <= 0;
    }

    /** Copies bytes out. */
    long read(long to, long length, long at) {
        if (!holds(at, length)) {
            return Errno.E2BIG.negative();
        }
        long from = offset() + at;
        return switch (type()) {
            case LOCAL, RINGBUF -> {
                memory().copy(data() + from, to, length);
                yield 0;
            }
            case SKB -> helper("skb_load_bytes", from, to, length, 0);
            case XDP -> helper("xdp_load_bytes", from, to, length, 0);
            case SKB_META -> {
                memory().copy(Packet.of(run).meta() + from, to, length);
                yield 0;
            }
            default -> Errno.EFAULT.negative();
        };
    }

    /** Copies bytes in. */
    long write(long at, long from, long length, long flags) {
        if (isNull() || isReadOnly() || (flags != 0 && type() != Type.SKB)) {
            return Errno.EINVAL.negative();
        }
        if (!holds(at, length)) {
            return Errno.E2BIG.negative();
        }
        long to = offset() + at;
        return switch (type()) {
            case LOCAL, RINGBUF -> {
                memory().copy(from, data() + to, length);
                yield 0;
            }
            case SKB -> helper("skb_store_bytes", to, from, length, flags);
            case XDP -> helper("xdp_store_bytes", to, from, length, 0);
            case SKB_META -> {
                memory().copy(from, Packet.of(run).meta() + to, length);
                yield 0;
            }
            default -> Errno.EINVAL.negative();
        };
    }

    /** Sets one byte that is inside to zero. */
    void clear(long at) {
        long zero = Scratch.take(run, 1);
        memory().putByte(zero, (byte) 0);
        write(at, zero, 1, 0);
        Scratch.give(run, zero);
    }

    private long helper(String name, long at, long memory, long length, long flags) {
        return length == 0
                ? 0
                : HelperTable.byName(name).function().call(run, data(), at, memory, length, flags);
    }

    /**
     * The address of bytes that lie in one piece.
     *
     * @param buffer where they are copied to if they do not, or 0
     * @return 0 if there are none, or they would have to be copied and there is no buffer
     */
    long slice(long at, long length, long buffer) {
        if (isNull() || !holds(at, length)) {
            return 0;
        }
        long from = offset() + at;
        switch (type()) {
            case LOCAL, RINGBUF:
                return data() + from;
            case SKB_META:
                return Packet.of(run).meta() + from;
            case SKB, XDP:
                Packet packet = Packet.of(run);
                if (from + length <= packet.linear()) {
                    return packet.data() + from;
                }
                return buffer != 0 && read(buffer, length, at) == 0 ? buffer : 0;
            default:
                return 0;
        }
    }
}

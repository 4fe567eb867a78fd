package org.trufflebpf.memory;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.failure.Where;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * The arena of one context, seen in one byte order. No address leads out of it, so that no program
 * reaches the host's memory: accessors of one number mask it to the arena's span, a power of two,
 * which costs one instruction and no branch; those of runs of bytes check it. Whether an access
 * stays within the object it was meant for is a question for {@link #check} and the regions.
 *
 * <p>Layout: addresses below {@link #GUARD} are never mapped, so that NULL and small offsets from
 * it fault. From there to {@link #FIRST} lie the handles of maps and functions: addresses that name
 * something and hold nothing. Objects follow.
 *
 * <p>Thread-safe: allocation takes a lock; accessors are as atomic as the hardware's own.
 */
public final class Memory {
    /** First address that can be mapped at all. */
    public static final long GUARD = 0x10000;

    /** First handle address. */
    public static final long HANDLES = GUARD;

    /** First address of an object. */
    public static final long FIRST = 0x1000000;

    /** Room on both sides of the span for the offset of an access, which has 16 bits. */
    private static final long MARGIN = 0x10000;

    private static final Region[] NO_REGIONS = {};

    /** What all views of one arena share. */
    private static final class Arena {
        /** What was reserved: the span with {@link #MARGIN} on both sides. */
        final long reserved;

        final long base;
        final long capacity;
        final long mask;
        long top = FIRST;
        boolean closed;

        /** Sorted by start; replaced as a whole when it changes. */
        volatile Region[] regions = NO_REGIONS;

        Arena(long capacity) {
            this.capacity = capacity;
            long span = Long.highestOneBit(capacity - 1) << 1;
            this.mask = span - 1;
            this.reserved = RawMemory.reserve(span + 2 * MARGIN);
            this.base = reserved + MARGIN;
        }
    }

    private final Arena arena;
    private final long base;
    private final long capacity;
    private final long mask;
    private final boolean swap;

    /**
     * The base again, for accesses of programs. Not final, so that it is a number in a register of
     * compiled code: as a constant it would be another one with each offset.
     */
    @SuppressWarnings("FieldCanBeFinal")
    private long programBase;

    private Memory(Arena arena, boolean swap) {
        this.arena = arena;
        this.base = arena.base;
        this.capacity = arena.capacity;
        this.mask = arena.mask;
        this.swap = swap;
        this.programBase = arena.base;
    }

    /**
     * Reserves an arena.
     *
     * @param limit bytes that programs' objects may take in all
     * @param order the byte order of the view
     */
    public static Memory create(long limit, ByteOrder order) {
        long capacity = FIRST + limit;
        if (limit < 0 || capacity > 1L << 32) {
            throw BpfException.usage(
                    "a memory limit of " + limit + " bytes is not between 0 and 4 GiB - 16 MiB");
        }
        Arena arena;
        try {
            arena = new Arena(capacity);
        } catch (OutOfMemoryError e) {
            throw BpfException.limit(
                    Where.UNKNOWN,
                    "the system has no "
                            + limit
                            + " bytes of memory; ask for less with --max-memory");
        }
        return new Memory(arena, order != ByteOrder.nativeOrder());
    }

    /** Gives the arena back to the system. Nothing may use any view of it from now on. */
    public void close() {
        synchronized (arena) {
            if (!arena.closed) {
                arena.closed = true;
                arena.regions = NO_REGIONS;
                RawMemory.release(arena.reserved);
            }
        }
    }

    /** The same arena in a byte order. */
    public Memory inOrder(ByteOrder order) {
        boolean otherSwap = order != ByteOrder.nativeOrder();
        return otherSwap == swap ? this : new Memory(arena, otherSwap);
    }

    public ByteOrder order() {
        boolean big = (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) != swap;
        return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    // ---- allocation

    /**
     * Takes {@code size} bytes, 8-byte aligned, with undefined contents and no region: nothing can
     * be addressed there by a program until a region is added.
     *
     * @throws BpfException LIMIT if the arena is full
     */
    public long reserve(long size, String what) {
        return reserve(size, 8, what);
    }

    /** As {@link #reserve(long, String)}, aligned to a power of two. */
    public long reserve(long size, long alignment, String what) {
        synchronized (arena) {
            long start = (arena.top + alignment - 1) & -alignment;
            if (size < 0 || size > capacity - start) {
                throw noRoom(size, start, what);
            }
            // a gap keeps neighbours apart, so that a run over the end of one is seen
            arena.top = Math.min(capacity, start + size + 8);
            return start;
        }
    }

    private BpfException noRoom(long size, long start, String what) {
        return new BpfException(
                Failure.LIMIT,
                Phase.LOAD,
                Where.UNKNOWN,
                what
                        + " needs "
                        + Long.toUnsignedString(size)
                        + " bytes, but only "
                        + Math.max(0, capacity - start)
                        + " of "
                        + (capacity - FIRST)
                        + " are left; raise --max-memory");
    }

    /**
     * Refuses what does not fit in the arena, for things that are sized by programs but kept
     * elsewhere.
     */
    public void checkRoom(long size, String what) {
        synchronized (arena) {
            if (size < 0 || size > capacity - arena.top) {
                throw noRoom(size, arena.top, what);
            }
        }
    }

    /** Takes memory filled with zeros and makes it a region of one object. */
    public Region allocate(Region.Kind kind, String name, long size, boolean writable) {
        long start = reserve(size, kind.label() + " " + name);
        RawMemory.fill(base + start, size, (byte) 0);
        Region region = new Region(kind, name, start, size, writable);
        add(region);
        return region;
    }

    /** Makes a region addressable. */
    public void add(Region region) {
        synchronized (arena) {
            Region[] old = arena.regions;
            int at = insertionPoint(old, region.start());
            Region[] regions = new Region[old.length + 1];
            System.arraycopy(old, 0, regions, 0, at);
            regions[at] = region;
            System.arraycopy(old, at, regions, at + 1, old.length - at);
            arena.regions = regions;
        }
    }

    /** Takes a region out of reach; its memory is not given back. */
    @SuppressWarnings("ReferenceEquality")
    public void remove(Region region) {
        synchronized (arena) {
            arena.regions =
                    Arrays.stream(arena.regions)
                            .filter(candidate -> candidate != region)
                            .toArray(Region[]::new);
        }
    }

    private static int insertionPoint(Region[] regions, long address) {
        int low = 0;
        int high = regions.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (regions[middle].start() <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    // ---- regions

    /** The region that spans an address, or {@code null}. */
    public Region find(long address) {
        Region[] regions = arena.regions;
        int at = insertionPoint(regions, address) - 1;
        return at >= 0 && regions[at].spans(address) ? regions[at] : null;
    }

    /** Whether a program may access these bytes. */
    public boolean isAccessible(long address, long size, boolean write) {
        if (size == 0) {
            return true;
        }
        Region region = find(address);
        return region != null && region.allows(address, size, write);
    }

    /**
     * Holds an access to the bounds of one object.
     *
     * @throws BpfException TRAP that names the object, the offset and the bound
     */
    public Region check(long address, long size, boolean write) {
        Region region = find(address);
        if (region == null || !region.allows(address, size, write)) {
            throw fault(address, size, write);
        }
        return region;
    }

    /** The error for an access that is out of bounds. */
    public BpfException fault(long address, long size, boolean write) {
        String access =
                (write ? "write" : "read") + " of " + size + (size == 1 ? " byte" : " bytes");
        if (address == 0) {
            return BpfException.trap(
                    "invalid " + access + " at NULL: check the pointer before use");
        }
        if (address >= 0 && address < GUARD) {
            return BpfException.trap(
                    "invalid "
                            + access
                            + " at NULL + "
                            + address
                            + ": check the pointer before use");
        }
        if (address >= HANDLES && address < FIRST) {
            return BpfException.trap(
                    "invalid "
                            + access
                            + " through a pointer to a map or function, which has no bytes");
        }
        Region region = find(address);
        if (region == null) {
            region = nearest(address);
        }
        if (region == null) {
            return BpfException.trap(
                    "invalid "
                            + access
                            + " at 0x"
                            + Long.toHexString(address)
                            + ", where no object is");
        }
        long offset = address - region.start();
        if (region.contains(address, size)) {
            return BpfException.trap(
                    "invalid "
                            + access
                            + " at offset "
                            + offset
                            + " of "
                            + region
                            + ": it is read-only");
        }
        return BpfException.trap(
                "invalid "
                        + access
                        + " at offset "
                        + offset(region, address)
                        + " of "
                        + region
                        + ": out of bounds");
    }

    /**
     * The offset of an address from the start of the element of the region that it is in or just
     * misses.
     */
    private static long offset(Region region, long address) {
        long offset = address - region.start();
        long stride = region.stride();
        if (stride <= 0 || stride >= region.size()) {
            return offset;
        }
        long last = region.size() / stride - 1;
        long element = Math.clamp(offset / stride, 0, last);
        long within = offset - element * stride;
        // in the gap behind an element: the next one may be nearer
        return element < last && stride - within < within - region.elementSize()
                ? within - stride
                : within;
    }

    /** The region an address just misses, within 64 KiB, or {@code null}. */
    private Region nearest(long address) {
        Region[] regions = arena.regions;
        int at = insertionPoint(regions, address);
        Region below = at > 0 ? regions[at - 1] : null;
        Region above = at < regions.length ? regions[at] : null;
        long under = below == null ? Long.MAX_VALUE : address - below.end();
        long over = above == null ? Long.MAX_VALUE : above.start() - address;
        if (Math.min(under, over) >= 0x10000) {
            return null;
        }
        return under <= over ? below : above;
    }

    // ---- access, checked against the arena

    /** The last line of defence; an access that was checked against its region never ends here. */
    @SuppressWarnings("StaticAssignmentOfThrowable")
    private static final BpfException OUTSIDE =
            BpfException.trap("invalid access outside the memory of programs");

    private long host(long address) {
        return base + (address & mask);
    }

    /** The place of an access of a program: the margins hold the offset and the bytes. */
    private long host(long pointer, short offset) {
        return programBase + (pointer & mask) + offset;
    }

    private long hostRun(long address, long size) {
        if (size < 0) {
            throw OUTSIDE;
        }
        if (size > 0 && (address < FIRST || address > capacity - size)) {
            // one exception made ahead: compiled code gets no message building from here
            throw OUTSIDE;
        }
        // no bytes are nowhere
        return base + (size == 0 ? 0 : address);
    }

    public byte getByte(long address) {
        return RawMemory.getByte(host(address));
    }

    public short getShort(long address) {
        short value = RawMemory.getShort(host(address));
        return swap ? Short.reverseBytes(value) : value;
    }

    public int getInt(long address) {
        int value = RawMemory.getInt(host(address));
        return swap ? Integer.reverseBytes(value) : value;
    }

    public long getLong(long address) {
        long value = RawMemory.getLong(host(address));
        return swap ? Long.reverseBytes(value) : value;
    }

    public void putByte(long address, byte value) {
        RawMemory.putByte(host(address), value);
    }

    public void putShort(long address, short value) {
        RawMemory.putShort(host(address), swap ? Short.reverseBytes(value) : value);
    }

    public void putInt(long address, int value) {
        RawMemory.putInt(host(address), swap ? Integer.reverseBytes(value) : value);
    }

    public void putLong(long address, long value) {
        RawMemory.putLong(host(address), swap ? Long.reverseBytes(value) : value);
    }

    // ---- access of programs: a register and the offset of the instruction

    public byte getByte(long pointer, short offset) {
        return RawMemory.getByte(host(pointer, offset));
    }

    public short getShort(long pointer, short offset) {
        short value = RawMemory.getShort(host(pointer, offset));
        return swap ? Short.reverseBytes(value) : value;
    }

    public int getInt(long pointer, short offset) {
        int value = RawMemory.getInt(host(pointer, offset));
        return swap ? Integer.reverseBytes(value) : value;
    }

    public long getLong(long pointer, short offset) {
        long value = RawMemory.getLong(host(pointer, offset));
        return swap ? Long.reverseBytes(value) : value;
    }

    public void putByte(long pointer, short offset, byte value) {
        RawMemory.putByte(host(pointer, offset), value);
    }

    public void putShort(long pointer, short offset, short value) {
        RawMemory.putShort(host(pointer, offset), swap ? Short.reverseBytes(value) : value);
    }

    public void putInt(long pointer, short offset, int value) {
        RawMemory.putInt(host(pointer, offset), swap ? Integer.reverseBytes(value) : value);
    }

    public void putLong(long pointer, short offset, long value) {
        RawMemory.putLong(host(pointer, offset), swap ? Long.reverseBytes(value) : value);
    }

    /** Reads with full ordering; the address must be aligned. */
    public int getIntVolatile(long address) {
        int value = RawMemory.getIntVolatile(host(address));
        return swap ? Integer.reverseBytes(value) : value;
    }

    /** Reads with full ordering; the address must be aligned. */
    public long getLongVolatile(long address) {
        long value = RawMemory.getLongVolatile(host(address));
        return swap ? Long.reverseBytes(value) : value;
    }

    public boolean compareAndSetInt(long address, int expected, int value) {
        return RawMemory.compareAndSetInt(
                host(address),
                swap ? Integer.reverseBytes(expected) : expected,
                swap ? Integer.reverseBytes(value) : value);
    }

    public boolean compareAndSetLong(long address, long expected, long value) {
        return RawMemory.compareAndSetLong(
                host(address),
                swap ? Long.reverseBytes(expected) : expected,
                swap ? Long.reverseBytes(value) : value);
    }

    public int getAndAddInt(long address, int delta) {
        if (!swap) {
            return RawMemory.getAndAddInt(host(address), delta);
        }
        int old;
        do {
            old = getIntVolatile(address);
        } while (!compareAndSetInt(address, old, old + delta));
        return old;
    }

    public long getAndAddLong(long address, long delta) {
        if (!swap) {
            return RawMemory.getAndAddLong(host(address), delta);
        }
        long old;
        do {
            old = getLongVolatile(address);
        } while (!compareAndSetLong(address, old, old + delta));
        return old;
    }

    public int getAndSetInt(long address, int value) {
        int old = RawMemory.getAndSetInt(host(address), swap ? Integer.reverseBytes(value) : value);
        return swap ? Integer.reverseBytes(old) : old;
    }

    public long getAndSetLong(long address, long value) {
        long old = RawMemory.getAndSetLong(host(address), swap ? Long.reverseBytes(value) : value);
        return swap ? Long.reverseBytes(old) : old;
    }

    /** Orders earlier reads before all that follows (acquire). */
    public void acquireFence() {
        RawMemory.loadFence();
    }

    /** Orders all that precedes before later writes (release). */
    public void releaseFence() {
        RawMemory.storeFence();
    }

    // ---- runs of bytes

    public void fill(long address, long size, byte value) {
        RawMemory.fill(hostRun(address, size), size, value);
    }

    /** Copies within the arena; the ranges may overlap. */
    public void copy(long from, long to, long size) {
        RawMemory.copy(hostRun(from, size), hostRun(to, size), size);
    }

    public void write(long address, byte[] source) {
        write(address, source, 0, source.length);
    }

    public void write(long address, byte[] source, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, source.length);
        RawMemory.copyIn(source, offset, hostRun(address, size), size);
    }

    public byte[] read(long address, int size) {
        byte[] bytes = new byte[size];
        read(address, bytes, 0, size);
        return bytes;
    }

    public void read(long address, byte[] target, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, target.length);
        RawMemory.copyOut(hostRun(address, size), target, offset, size);
    }

    /** Whether two runs of bytes are equal. */
    public boolean equal(long first, long second, long size) {
        long a = hostRun(first, size);
        long b = hostRun(second, size);
        long i = 0;
        for (; i + 8 <= size; i += 8) {
            if (RawMemory.getLong(a + i) != RawMemory.getLong(b + i)) {
                return false;
            }
        }
        for (; i < size; i++) {
            if (RawMemory.getByte(a + i) != RawMemory.getByte(b + i)) {
                return false;
            }
        }
        return true;
    }
}

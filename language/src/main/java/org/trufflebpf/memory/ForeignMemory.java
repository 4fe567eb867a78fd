package org.trufflebpf.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * {@link RawMemory} without {@code Unsafe}: all of the process's memory as one {@link
 * MemorySegment}, in which an address is an offset.
 */
final class ForeignMemory {
    /** Restricted, as it reaches everything: so does Unsafe. */
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Atomic operations are on aligned addresses only. */
    private static final VarHandle ATOMIC_INT = ValueLayout.JAVA_INT.varHandle();

    private static final VarHandle ATOMIC_LONG = ValueLayout.JAVA_LONG.varHandle();

    /** An arena of the API fills what it allocates, which would touch every page of a reserve. */
    private static final class Allocator {
        static final MethodHandle MALLOC =
                function(
                        "malloc",
                        FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

        static final MethodHandle FREE =
                function("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

        /** Restricted, as a wrong type would crash the process: these two are the C library's. */
        @SuppressWarnings("restricted")
        private static MethodHandle function(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
        }
    }

    private ForeignMemory() {}

    static long reserve(long size) {
        long address;
        try {
            address = (long) Allocator.MALLOC.invokeExact(size);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (address == 0) {
            throw new OutOfMemoryError("malloc of " + size + " bytes");
        }
        return address;
    }

    static void release(long address) {
        try {
            Allocator.FREE.invokeExact(address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    static short getShort(long address) {
        return ALL.get(SHORT, address);
    }

    static int getInt(long address) {
        return ALL.get(INT, address);
    }

    static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    static void putShort(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    static void putInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    static int getIntVolatile(long address) {
        return (int) ATOMIC_INT.getVolatile(ALL, address);
    }

    static long getLongVolatile(long address) {
        return (long) ATOMIC_LONG.getVolatile(ALL, address);
    }

    static boolean compareAndSetInt(long address, int expected, int value) {
        return ATOMIC_INT.compareAndSet(ALL, address, expected, value);
    }

    static boolean compareAndSetLong(long address, long expected, long value) {
        return ATOMIC_LONG.compareAndSet(ALL, address, expected, value);
    }

    static int getAndAddInt(long address, int delta) {
        return (int) ATOMIC_INT.getAndAdd(ALL, address, delta);
    }

    static long getAndAddLong(long address, long delta) {
        return (long) ATOMIC_LONG.getAndAdd(ALL, address, delta);
    }

    static int getAndSetInt(long address, int value) {
        return (int) ATOMIC_INT.getAndSet(ALL, address, value);
    }

    static long getAndSetLong(long address, long value) {
        return (long) ATOMIC_LONG.getAndSet(ALL, address, value);
    }

    static void loadFence() {
        VarHandle.acquireFence();
    }

    static void storeFence() {
        VarHandle.releaseFence();
    }

    static void fill(long address, long size, byte value) {
        ALL.asSlice(address, size).fill(value);
    }

    static void copy(long from, long to, long size) {
        MemorySegment.copy(ALL, from, ALL, to, size);
    }

    static void copyIn(byte[] from, int offset, long to, long size) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, Math.toIntExact(size));
    }

    static void copyOut(long from, byte[] to, int offset, long size) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, Math.toIntExact(size));
    }
}

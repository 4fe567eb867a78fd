package org.trufflebpf.memory;

import sun.misc.Unsafe;

import java.lang.reflect.Field;

/**
 * Access to native memory by address; the only class that uses {@link Unsafe}. It checks nothing:
 * {@link Memory} does, before every call. Pages that are never touched cost nothing, so that a
 * large arena can be reserved ahead.
 */
@SuppressWarnings({"removal", "restriction"})
final class RawMemory {
    private static final Unsafe UNSAFE = unsafe();

    private RawMemory() {}

    private static Unsafe unsafe() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Reserves {@code size} bytes with undefined contents. */
    static long reserve(long size) {
        return UNSAFE.allocateMemory(size);
    }

    static void release(long address) {
        UNSAFE.freeMemory(address);
    }

    static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    static short getShort(long address) {
        return UNSAFE.getShort(address);
    }

    static int getInt(long address) {
        return UNSAFE.getInt(address);
    }

    static long getLong(long address) {
        return UNSAFE.getLong(address);
    }

    static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    static void putShort(long address, short value) {
        UNSAFE.putShort(address, value);
    }

    static void putInt(long address, int value) {
        UNSAFE.putInt(address, value);
    }

    static void putLong(long address, long value) {
        UNSAFE.putLong(address, value);
    }

    static int getIntVolatile(long address) {
        return UNSAFE.getIntVolatile(null, address);
    }

    static long getLongVolatile(long address) {
        return UNSAFE.getLongVolatile(null, address);
    }

    static boolean compareAndSetInt(long address, int expected, int value) {
        return UNSAFE.compareAndSwapInt(null, address, expected, value);
    }

    static boolean compareAndSetLong(long address, long expected, long value) {
        return UNSAFE.compareAndSwapLong(null, address, expected, value);
    }

    static int getAndAddInt(long address, int delta) {
        return UNSAFE.getAndAddInt(null, address, delta);
    }

    static long getAndAddLong(long address, long delta) {
        return UNSAFE.getAndAddLong(null, address, delta);
    }

    static int getAndSetInt(long address, int value) {
        return UNSAFE.getAndSetInt(null, address, value);
    }

    static long getAndSetLong(long address, long value) {
        return UNSAFE.getAndSetLong(null, address, value);
    }

    static void loadFence() {
        UNSAFE.loadFence();
    }

    static void storeFence() {
        UNSAFE.storeFence();
    }

    static void fill(long address, long size, byte value) {
        UNSAFE.setMemory(address, size, value);
    }

    static void copy(long from, long to, long size) {
        UNSAFE.copyMemory(from, to, size);
    }

    static void copyIn(byte[] from, int offset, long to, long size) {
        UNSAFE.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, to, size);
    }

    static void copyOut(long from, byte[] to, int offset, long size) {
        UNSAFE.copyMemory(null, from, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, size);
    }
}

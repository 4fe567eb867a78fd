package org.trufflebpf.memory;

import sun.misc.Unsafe;

import java.lang.reflect.Field;

/**
 * Access to native memory by address; it checks nothing: {@link Memory} does, before every call.
 * Pages that are never touched cost nothing, so that a large arena can be reserved ahead.
 *
 * <p>The only class that uses {@link Unsafe}. With the system property {@code
 * org.trufflebpf.memory=foreign} it uses {@link ForeignMemory} instead, for a JVM or an image whose
 * Unsafe has no memory access any more. The choice is a constant: compiled code, and an image that
 * is built with it, hold one of the two.
 */
@SuppressWarnings({"removal", "restriction"})
final class RawMemory {
    private static final boolean FOREIGN =
            "foreign".equals(System.getProperty("org.trufflebpf.memory"));

    private static final Unsafe UNSAFE = FOREIGN ? null : unsafe();

    private RawMemory() {}

    /** Whether this is the implementation without {@code Unsafe}. */
    static boolean isForeign() {
        return FOREIGN;
    }

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
        if (FOREIGN) {
            return ForeignMemory.reserve(size);
        }
        return UNSAFE.allocateMemory(size);
    }

    static void release(long address) {
        if (FOREIGN) {
            ForeignMemory.release(address);
            return;
        }
        UNSAFE.freeMemory(address);
    }

    static byte getByte(long address) {
        if (FOREIGN) {
            return ForeignMemory.getByte(address);
        }
        return UNSAFE.getByte(address);
    }

    static short getShort(long address) {
        if (FOREIGN) {
            return ForeignMemory.getShort(address);
        }
        return UNSAFE.getShort(address);
    }

    static int getInt(long address) {
        if (FOREIGN) {
            return ForeignMemory.getInt(address);
        }
        return UNSAFE.getInt(address);
    }

    static long getLong(long address) {
        if (FOREIGN) {
            return ForeignMemory.getLong(address);
        }
        return UNSAFE.getLong(address);
    }

    static void putByte(long address, byte value) {
        if (FOREIGN) {
            ForeignMemory.putByte(address, value);
            return;
        }
        UNSAFE.putByte(address, value);
    }

    static void putShort(long address, short value) {
        if (FOREIGN) {
            ForeignMemory.putShort(address, value);
            return;
        }
        UNSAFE.putShort(address, value);
    }

    static void putInt(long address, int value) {
        if (FOREIGN) {
            ForeignMemory.putInt(address, value);
            return;
        }
        UNSAFE.putInt(address, value);
    }

    static void putLong(long address, long value) {
        if (FOREIGN) {
            ForeignMemory.putLong(address, value);
            return;
        }
        UNSAFE.putLong(address, value);
    }

    static int getIntVolatile(long address) {
        if (FOREIGN) {
            return ForeignMemory.getIntVolatile(address);
        }
        return UNSAFE.getIntVolatile(null, address);
    }

    static long getLongVolatile(long address) {
        if (FOREIGN) {
            return ForeignMemory.getLongVolatile(address);
        }
        return UNSAFE.getLongVolatile(null, address);
    }

    static boolean compareAndSetInt(long address, int expected, int value) {
        if (FOREIGN) {
            return ForeignMemory.compareAndSetInt(address, expected, value);
        }
        return UNSAFE.compareAndSwapInt(null, address, expected, value);
    }

    static boolean compareAndSetLong(long address, long expected, long value) {
        if (FOREIGN) {
            return ForeignMemory.compareAndSetLong(address, expected, value);
        }
        return UNSAFE.compareAndSwapLong(null, address, expected, value);
    }

    static int getAndAddInt(long address, int delta) {
        if (FOREIGN) {
            return ForeignMemory.getAndAddInt(address, delta);
        }
        return UNSAFE.getAndAddInt(null, address, delta);
    }

    static long getAndAddLong(long address, long delta) {
        if (FOREIGN) {
            return ForeignMemory.getAndAddLong(address, delta);
        }
        return UNSAFE.getAndAddLong(null, address, delta);
    }

    static int getAndSetInt(long address, int value) {
        if (FOREIGN) {
            return ForeignMemory.getAndSetInt(address, value);
        }
        return UNSAFE.getAndSetInt(null, address, value);
    }

    static long getAndSetLong(long address, long value) {
        if (FOREIGN) {
            return ForeignMemory.getAndSetLong(address, value);
        }
        return UNSAFE.getAndSetLong(null, address, value);
    }

    static void loadFence() {
        if (FOREIGN) {
            ForeignMemory.loadFence();
            return;
        }
        UNSAFE.loadFence();
    }

    static void storeFence() {
        if (FOREIGN) {
            ForeignMemory.storeFence();
            return;
        }
        UNSAFE.storeFence();
    }

    static void fill(long address, long size, byte value) {
        if (FOREIGN) {
            ForeignMemory.fill(address, size, value);
            return;
        }
        UNSAFE.setMemory(address, size, value);
    }

    static void copy(long from, long to, long size) {
        if (FOREIGN) {
            ForeignMemory.copy(from, to, size);
            return;
        }
        UNSAFE.copyMemory(from, to, size);
    }

    static void copyIn(byte[] from, int offset, long to, long size) {
        if (FOREIGN) {
            ForeignMemory.copyIn(from, offset, to, size);
            return;
        }
        UNSAFE.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, to, size);
    }

    static void copyOut(long from, byte[] to, int offset, long size) {
        if (FOREIGN) {
            ForeignMemory.copyOut(from, to, offset, size);
            return;
        }
        UNSAFE.copyMemory(null, from, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, size);
    }
}

package org.trufflebpf.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one implementation of native memory writes, the other reads. */
class ForeignMemoryTest {
    private static final int SIZE = 64;

    @BeforeEach
    void unsafeIsTheOther() {
        Assumptions.assumeFalse(
                RawMemory.isForeign(), "these tests run without Unsafe: nothing to compare with");
    }

    private interface Body {
        void accept(long address);
    }

    private static void withMemory(Body body) {
        long address = ForeignMemory.reserve(SIZE);
        try {
            RawMemory.fill(address, SIZE, (byte) 0);
            body.accept(address);
        } finally {
            ForeignMemory.release(address);
        }
    }

    @Test
    void valuesAtAnyAlignment() {
        withMemory(
                address -> {
                    for (int offset = 0; offset < 8; offset++) {
                        long at = address + offset;
                        ForeignMemory.putLong(at, 0x8182838485868788L + offset);
                        assertEquals(0x8182838485868788L + offset, RawMemory.getLong(at));
                        RawMemory.putLong(at, 0x7172737475767778L + offset);
                        assertEquals(0x7172737475767778L + offset, ForeignMemory.getLong(at));
                        ForeignMemory.putInt(at, 0x81828384 + offset);
                        assertEquals(0x81828384 + offset, RawMemory.getInt(at));
                        assertEquals(RawMemory.getInt(at), ForeignMemory.getInt(at));
                        ForeignMemory.putShort(at, (short) (0x8182 + offset));
                        assertEquals((short) (0x8182 + offset), RawMemory.getShort(at));
                        assertEquals(RawMemory.getShort(at), ForeignMemory.getShort(at));
                        ForeignMemory.putByte(at, (byte) (0x81 + offset));
                        assertEquals((byte) (0x81 + offset), RawMemory.getByte(at));
                        assertEquals(RawMemory.getByte(at), ForeignMemory.getByte(at));
                    }
                });
    }

    @Test
    void atomics() {
        withMemory(
                address -> {
                    RawMemory.putLong(address, -2);
                    assertEquals(-2, ForeignMemory.getAndAddLong(address, 5));
                    assertEquals(3, RawMemory.getLongVolatile(address));
                    assertEquals(3, ForeignMemory.getLongVolatile(address));
                    assertEquals(3, ForeignMemory.getAndSetLong(address, Long.MIN_VALUE));
                    assertFalse(ForeignMemory.compareAndSetLong(address, 3, 4));
                    assertTrue(ForeignMemory.compareAndSetLong(address, Long.MIN_VALUE, 4));
                    assertEquals(4, RawMemory.getLong(address));
                    RawMemory.putInt(address + 4, Integer.MAX_VALUE);
                    assertEquals(Integer.MAX_VALUE, ForeignMemory.getAndAddInt(address + 4, 1));
                    assertEquals(Integer.MIN_VALUE, ForeignMemory.getIntVolatile(address + 4));
                    assertEquals(Integer.MIN_VALUE, ForeignMemory.getAndSetInt(address + 4, 7));
                    assertFalse(ForeignMemory.compareAndSetInt(address + 4, 8, 9));
                    assertTrue(ForeignMemory.compareAndSetInt(address + 4, 7, 9));
                    assertEquals(9, RawMemory.getInt(address + 4));
                    assertEquals(4, RawMemory.getInt(address));
                });
    }

    @Test
    void runsOfBytes() {
        withMemory(
                address -> {
                    byte[] source = {1, 2, 3, 4, 5, 6, 7};
                    ForeignMemory.copyIn(source, 2, address + 1, 5);
                    byte[] target = new byte[9];
                    RawMemory.copyOut(address, target, 1, 7);
                    assertArrayEquals(new byte[] {0, 0, 3, 4, 5, 6, 7, 0, 0}, target);
                    ForeignMemory.copy(address + 1, address + 3, 5);
                    ForeignMemory.fill(address, 2, (byte) 9);
                    ForeignMemory.copyOut(address, target, 0, 9);
                    assertArrayEquals(new byte[] {9, 9, 4, 3, 4, 5, 6, 7, 0}, target);
                });
    }

    @Test
    void moreThanThereIsIsAnError() {
        assertThrows(OutOfMemoryError.class, () -> ForeignMemory.reserve(1L << 62));
    }
}

package org.trufflebpf.context;

import org.trufflebpf.memory.Memory;

import java.nio.ByteOrder;

/** Numbers in network byte order, in memory of either order. */
public final class NetworkBytes {
    private NetworkBytes() {}

    private static boolean isLittle(Memory memory) {
        return memory.order() == ByteOrder.LITTLE_ENDIAN;
    }

    public static int getShort(Memory memory, long address) {
        return raw(memory, memory.getShort(address));
    }

    public static void putShort(Memory memory, long address, int value) {
        memory.putShort(address, (short) raw(memory, value));
    }

    public static int getInt(Memory memory, long address) {
        int value = memory.getInt(address);
        return isLittle(memory) ? Integer.reverseBytes(value) : value;
    }

    public static void putInt(Memory memory, long address, int value) {
        memory.putInt(address, isLittle(memory) ? Integer.reverseBytes(value) : value);
    }

    /**
     * {@code htons} or {@code ntohs} as the program computes it: the value of a {@code __be16}
     * variable.
     */
    public static int raw(Memory memory, int value) {
        return Short.toUnsignedInt(
                isLittle(memory) ? Short.reverseBytes((short) value) : (short) value);
    }
}

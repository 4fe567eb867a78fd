package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The linear memory of a Wasm instance, addressed as C programs do: by unsigned 32-bit pointers. An
 * access out of it throws {@link Fault}.
 */
final class WasmMemory {
    /** Longer names are none. */
    private static final int MAX_TEXT = 4096;

    private final Value memory;

    /** A pointer of the application's leads out of its memory (kernel: {@code EFAULT}). */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(long address, long size) {
            super(size + " bytes at " + address + " lie outside of the memory", null, false, false);
        }
    }

    WasmMemory(Value memory) {
        this.memory = memory;
    }

    private void check(long address, long size) throws Fault {
        if (size < 0 || address > memory.getBufferSize() - size) {
            throw new Fault(address, size);
        }
    }

    byte[] read(int pointer, int size) throws Fault {
        long address = Integer.toUnsignedLong(pointer);
        check(address, size);
        byte[] bytes = new byte[size];
        memory.readBuffer(address, bytes, 0, size);
        return bytes;
    }

    void write(int pointer, byte[] bytes, int size) throws Fault {
        long address = Integer.toUnsignedLong(pointer);
        check(address, size);
        ByteBuffer source = ByteBuffer.wrap(bytes, 0, size).order(ByteOrder.LITTLE_ENDIAN);
        for (; source.remaining() >= Long.BYTES; address += Long.BYTES) {
            memory.writeBufferLong(ByteOrder.LITTLE_ENDIAN, address, source.getLong());
        }
        for (; source.hasRemaining(); address++) {
            memory.writeBufferByte(address, source.get());
        }
    }

    /** The C string at a pointer, {@code null} for NULL. */
    String text(int pointer) throws Fault {
        if (pointer == 0) {
            return null;
        }
        long start = Integer.toUnsignedLong(pointer);
        int length = 0;
        while (true) {
            check(start + length, 1);
            if (memory.readBufferByte(start + length) == 0) {
                return new String(read(pointer, length), StandardCharsets.UTF_8);
            }
            length++;
            if (length > MAX_TEXT) {
                throw new Fault(start, length);
            }
        }
    }
}

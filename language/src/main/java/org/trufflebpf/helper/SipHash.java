package org.trufflebpf.helper;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** SipHash-2-4 (Aumasson and Bernstein), the keyed hash of the kernel's network code. */
final class SipHash {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    private SipHash(long key0, long key1) {
        v0 = 0x736f6d6570736575L ^ key0;
        v1 = 0x646f72616e646f6dL ^ key1;
        v2 = 0x6c7967656e657261L ^ key0;
        v3 = 0x7465646279746573L ^ key1;
    }

    static long hash(long key0, long key1, byte[] data) {
        SipHash state = new SipHash(key0, key1);
        ByteBuffer words = ByteBuffer.allocate((data.length / 8 + 1) * 8);
        words.order(ByteOrder.LITTLE_ENDIAN).put(data);
        words.put(words.capacity() - 1, (byte) data.length);
        words.rewind();
        while (words.hasRemaining()) {
            long word = words.getLong();
            state.v3 ^= word;
            state.round();
            state.round();
            state.v0 ^= word;
        }
        state.v2 ^= 0xff;
        for (int i = 0; i < 4; i++) {
            state.round();
        }
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;

/**
 * Hashes keys in the arena. With a random seed: multiply and mix words of 8 bytes. With {@code
 * BPF_F_ZERO_SEED}: Bob Jenkins' lookup3 with seed 0, which is what the kernel uses, so that keys
 * have the kernel's order.
 */
final class HashFunction {
    private static final long PHI = 0x9e3779b97f4a7c15L;
    private static final long MIX = 0xd6e8feb86659fd93L;
    private static final int JHASH_INITVAL = 0xdeadbeef;

    private final Memory memory;
    private final int keySize;
    private final long seed;
    private final boolean jenkins;

    HashFunction(Memory memory, int keySize, long seed, boolean jenkins) {
        this.memory = memory;
        this.keySize = keySize;
        this.seed = seed;
        this.jenkins = jenkins;
    }

    int hash(long key) {
        if (jenkins) {
            return keySize % 4 == 0
                    ? jhash2(memory, key, keySize / 4, (int) seed)
                    : jhash(memory, key, keySize, (int) seed);
        }
        if (keySize == 4) {
            return finish((memory.getInt(key) ^ seed) * PHI);
        }
        if (keySize == 8) {
            return finish((memory.getLong(key) ^ seed) * PHI);
        }
        return hashLong(key);
    }

    private int hashLong(long key) {
        long h = seed;
        int i = 0;
        for (; i + 8 <= keySize; i += 8) {
            h = mix(h, memory.getLong(key + i));
        }
        if (i + 4 <= keySize) {
            h = mix(h, memory.getInt(key + i));
            i += 4;
        }
        for (; i < keySize; i++) {
            h = mix(h, memory.getByte(key + i));
        }
        return finish(h);
    }

    private static long mix(long h, long word) {
        long x = (h ^ word) * PHI;
        return x ^ (x >>> 29);
    }

    private static int finish(long h) {
        long x = (h ^ (h >>> 32)) * MIX;
        return (int) (x >>> 32);
    }

    /** Lookup3 over u32 words. */
    static int jhash2(Memory memory, long key, int words, int seed) {
        int a = JHASH_INITVAL + (words << 2) + seed;
        int b = a;
        int c = a;
        long at = key;
        int rest = words;
        while (rest > 3) {
            a += memory.getInt(at);
            b += memory.getInt(at + 4);
            c += memory.getInt(at + 8);
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
            at += 12;
            rest -= 3;
        }
        if (rest == 0) {
            return c;
        }
        if (rest == 3) {
            c += memory.getInt(at + 8);
        }
        if (rest >= 2) {
            b += memory.getInt(at + 4);
        }
        a += memory.getInt(at);
        return last(a, b, c);
    }

    /** Lookup3 over bytes. */
    static int jhash(Memory memory, long key, int length, int seed) {
        int a = JHASH_INITVAL + length + seed;
        int b = a;
        int c = a;
        long at = key;
        int rest = length;
        while (rest > 12) {
            a += memory.getInt(at);
            b += memory.getInt(at + 4);
            c += memory.getInt(at + 8);
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
            at += 12;
            rest -= 12;
        }
        if (rest == 0) {
            return c;
        }
        a += tail(memory, at, rest);
        b += tail(memory, at + 4, rest - 4);
        c += tail(memory, at + 8, rest - 8);
        return last(a, b, c);
    }

    /** Up to 4 bytes, the first the lowest. */
    private static int tail(Memory memory, long at, int count) {
        int word = 0;
        for (int i = 0; i < Math.min(count, 4); i++) {
            word |= (memory.getByte(at + i) & 0xff) << (8 * i);
        }
        return word;
    }

    private static int last(int x, int y, int z) {
        int c = (z ^ y) - Integer.rotateLeft(y, 14);
        int a = (x ^ c) - Integer.rotateLeft(c, 11);
        int b = (y ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }
}

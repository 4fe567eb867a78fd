package org.trufflebpf.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the maps of a benchmark hold before it runs. */
@FunctionalInterface
interface MapContents {
    /** Nothing. */
    MapContents NONE = sink -> {};

    /** Routes, and sources that are counted already. */
    int ENTRIES = 10_000;

    /** Fills the maps. */
    void fill(Sink sink);

    /** Takes the elements. Values of per-CPU maps are given once and mean every CPU. */
    interface Sink {
        void put(String map, byte[] key, byte[] value);
    }

    /** What the maps of a program of class b hold. */
    static MapContents of(String program) {
        return switch (program) {
            case "b03_hashcnt" -> MapContents::counters;
            case "b04_lpm" -> MapContents::routes;
            default -> NONE;
        };
    }

    private static void counters(Sink sink) {
        for (int i = 0; i < ENTRIES; i++) {
            sink.put("cnt_map", u32(0x0a000001 + i * 40503), new byte[16]);
        }
    }

    /** A default route and routes of 24 bits, by next hops whose addresses tell their number. */
    private static void routes(Sink sink) {
        sink.put("routes", prefix(0, 0), u32(7));
        for (int i = 0; i < ENTRIES; i++) {
            sink.put("routes", route(i), u32(i & 0xff));
        }
        for (int i = 0; i < 256; i++) {
            byte[] hop = {2, 0, 0, 0, 0, (byte) i, 2, 0, 0, 0, 1, (byte) i, (byte) i, 0, 0, 0};
            sink.put("nexthops", u32(i), hop);
        }
    }

    /** What the maps of {@code c01_ops} hold: keys 0 to n - 1. */
    static MapContents operations(int n) {
        return sink -> {
            byte[] value = new byte[8];
            for (int i = 0; i < n; i++) {
                byte[] key = u32(i);
                sink.put("m_hash", key, value);
                sink.put("m_lru", key, value);
                sink.put("m_pchash", key, value);
                sink.put("m_lpm", route(i), value);
            }
        };
    }

    /** The key of a route of 24 bits, another one for each number below 2^24. */
    static byte[] route(int number) {
        return prefix(24, (number * 40503) << 8);
    }

    /** {@code struct bpf_lpm_trie_key} with an address whose first byte is the highest. */
    private static byte[] prefix(int length, int address) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putInt(length)
                .order(ByteOrder.BIG_ENDIAN)
                .putInt(address)
                .array();
    }

    static byte[] u32(int number) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(number).array();
    }
}

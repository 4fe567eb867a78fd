package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Longest prefix match against a search of all prefixes, while they come and go. */
class LpmTrieMapTest {
    private final SplittableRandom random = new SplittableRandom(7);

    /** {@code spread}: in how many of the first bytes keys differ. */
    @ParameterizedTest
    @CsvSource({"4, 4", "4, 2", "16, 3", "2, 2", "1, 1", "5, 5"})
    void findsTheLongestPrefix(int bytes, int spread) {
        BpfMap map = Maps.create(MapType.LPM_TRIE, 4 + bytes, 4, 4096, MapFlags.BPF_F_NO_PREALLOC);
        Memory memory = map.memory();
        long key = memory.reserve(4 + bytes, "key");
        long value = memory.reserve(4, "value");
        Map<String, Integer> model = new HashMap<>();
        List<String> keys = new ArrayList<>();
        for (int step = 0; step < 6000; step++) {
            boolean grows = step < 3000 || step % 2 == 0;
            if (grows || keys.isEmpty()) {
                String prefix = prefix(bytes, spread);
                write(memory, key, prefix, bytes);
                memory.putInt(value, step);
                assertEquals(0, map.update(key, value, 0, 0));
                if (model.put(prefix, step) == null) {
                    keys.add(prefix);
                }
            } else {
                String prefix = keys.remove(random.nextInt(keys.size()));
                write(memory, key, prefix, bytes);
                assertEquals(0, map.delete(key));
                model.remove(prefix);
            }
            for (int i = 0; i < 4; i++) {
                String wanted = i == 0 ? bits(8 * bytes, spread) : prefix(bytes, spread);
                write(memory, key, wanted, bytes);
                long found = map.lookup(key, 0);
                Integer expected = longest(model, wanted);
                assertEquals(expected, found == 0 ? null : (Integer) memory.getInt(found), wanted);
            }
        }
    }

    private static Integer longest(Map<String, Integer> model, String wanted) {
        for (int length = wanted.length(); length >= 0; length--) {
            Integer found = model.get(wanted.substring(0, length));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private String prefix(int bytes, int spread) {
        int length = random.nextInt(8) == 0 ? random.nextInt(8) : random.nextInt(8 * bytes + 1);
        return bits(length, spread);
    }

    private String bits(int length, int spread) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i < 8 * spread && random.nextBoolean() ? '1' : '0');
        }
        return text.toString();
    }

    private static void write(Memory memory, long key, String prefix, int bytes) {
        memory.putInt(key, prefix.length());
        memory.fill(key + 4, bytes, (byte) 0);
        for (int i = 0; i < prefix.length(); i++) {
            long at = key + 4 + i / 8;
            int bit = prefix.charAt(i) == '1' ? 0x80 >> i % 8 : 0;
            memory.putByte(at, (byte) (memory.getByte(at) | bit));
        }
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;

/**
 * The keys 0, 1, 2... of an array as bytes that a callback of {@code bpf_for_each_map_elem} can be
 * shown. Laid out at the first walk; never changed after that.
 */
final class IndexKeys {
    private final Memory memory;
    private final String name;
    private final int count;
    private volatile long start;

    IndexKeys(Memory memory, String name, int count) {
        this.memory = memory;
        this.name = name;
        this.count = count;
    }

    /** Address of the key 0; the others follow, 4 bytes apart. */
    long start() {
        long known = start;
        return known != 0 ? known : layOut();
    }

    private synchronized long layOut() {
        if (start == 0) {
            long at = memory.reserve(4L * count, "keys of map " + name);
            for (int i = 0; i < count; i++) {
                memory.putInt(at + 4L * i, i);
            }
            memory.add(new Region(Region.Kind.MAP_KEY, name, at, 4L * count, 4, 4, false));
            start = at;
        }
        return start;
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

/** Specs and hosts for the tests of maps. */
final class Maps {
    static final int CPUS = 2;

    private Maps() {}

    static MapHost host(long memory, ByteOrder order) {
        SplittableRandom random = new SplittableRandom(42);
        return new MapHost(Memory.create(memory, order), new Handles(), CPUS, () -> next(random));
    }

    private static synchronized long next(SplittableRandom random) {
        return random.nextLong();
    }

    static MapHost host() {
        return host(64 << 20, ByteOrder.LITTLE_ENDIAN);
    }

    static MapSpec spec(MapType type, int key, int value, int entries, int flags) {
        return spec("m", type, key, value, entries, flags, 0, null);
    }

    static MapSpec spec(
            String name,
            MapType type,
            int key,
            int value,
            int entries,
            int flags,
            long extra,
            MapSpec inner) {
        return new MapSpec(
                name,
                type,
                key,
                value,
                entries,
                flags,
                extra,
                -1,
                false,
                0,
                0,
                inner,
                List.of(),
                null,
                MapSpec.Kind.DECLARED);
    }

    static BpfMap create(MapType type, int key, int value, int entries, int flags) {
        return MapFactory.create(spec(type, key, value, entries, flags), host());
    }
}

package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Maps whose values name something: programs, maps, perf events. */
class HandleMapsTest {
    private final MapHost host = Maps.host();

    private static byte[] u32(int number) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    private static void fails(Errno errno, Executable operation) {
        assertEquals(errno, assertThrows(MapException.class, operation).errno());
    }

    @Test
    void progArrays() {
        ProgArrayMap map =
                (ProgArrayMap) MapFactory.create(Maps.spec(MapType.PROG_ARRAY, 4, 4, 3, 0), host);
        Object first = new Object();
        Object second = new Object();
        long handle = host.handles().register(second);
        assertNull(map.target(0));
        map.setTarget(0, first);
        assertSame(first, map.target(0));
        map.put(u32(1), u32((int) handle), 0);
        assertSame(second, map.target(1));
        assertArrayEquals(u32((int) handle), map.get(u32(1)));
        map.put(u32(2), map.get(u32(0)), 0);
        assertSame(first, map.target(2));
        assertNull(map.target(3));
        assertNull(map.target(-1));
        map.remove(u32(1));
        assertNull(map.target(1));
        assertNull(map.get(u32(1)));
        fails(Errno.ENOENT, () -> map.remove(u32(1)));
        fails(Errno.E2BIG, () -> map.remove(u32(3)));
        fails(Errno.E2BIG, () -> map.put(u32(3), u32((int) handle), 0));
        fails(Errno.EINVAL, () -> map.put(u32(1), u32((int) handle), 1));
        fails(Errno.EBADF, () -> map.put(u32(1), u32(3), 0));
        fails(Errno.EBADF, () -> map.put(u32(1), u32((int) map.handle()), 0));
        assertEquals(Errno.EOPNOTSUPP.negative(), map.lookup(0, 0));
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
    void mapsOfMaps(MapType type) {
        MapSpec template = Maps.spec(MapType.ARRAY, 4, 8, 2, 0);
        MapSpec spec = Maps.spec("outer", type, 4, 4, 2, 0, 0, template);
        BpfMap outer = MapFactory.create(spec, host);
        MapOfMaps face = (MapOfMaps) outer;
        BpfMap first = MapFactory.create(template, host);
        BpfMap second = MapFactory.create(template, host);
        long key = host.memory().reserve(4, "key");
        host.memory().putInt(key, 1);
        assertEquals(0, outer.lookup(key, 0));
        face.setInner(u32(1), first, 0);
        assertEquals(first.handle(), outer.lookup(key, 0));
        assertSame(first, host.handles().get(outer.lookup(key, 0)));
        assertSame(first, face.inner(u32(1)));
        outer.put(u32(1), u32((int) second.handle()), 0);
        assertEquals(second.handle(), outer.lookup(key, 0));
        assertArrayEquals(u32((int) second.handle()), outer.get(u32(1)));
        outer.remove(u32(1));
        assertEquals(0, outer.lookup(key, 0));
        assertNull(outer.get(u32(1)));
        fails(Errno.ENOENT, () -> outer.remove(u32(1)));
        fails(Errno.EBADF, () -> outer.put(u32(1), u32(1), 0));
        for (MapSpec other :
                List.of(
                        Maps.spec(MapType.ARRAY, 4, 8, 3, 0),
                        Maps.spec(MapType.ARRAY, 4, 4, 2, 0),
                        Maps.spec(MapType.ARRAY, 4, 8, 2, MapFlags.BPF_F_MMAPABLE),
                        Maps.spec(MapType.HASH, 4, 8, 2, 0))) {
            BpfMap wrong = MapFactory.create(other, host);
            fails(Errno.EINVAL, () -> face.setInner(u32(1), wrong, 0));
        }
    }

    @Test
    void innerArraysOfAnySizeAndInnerHashes() {
        MapSpec any = Maps.spec(MapType.ARRAY, 4, 8, 1, MapFlags.BPF_F_INNER_MAP);
        MapOfMaps arrays =
                (MapOfMaps)
                        MapFactory.create(
                                Maps.spec("o", MapType.ARRAY_OF_MAPS, 4, 4, 2, 0, 0, any), host);
        arrays.setInner(
                u32(0),
                MapFactory.create(
                        Maps.spec(MapType.ARRAY, 4, 8, 9, MapFlags.BPF_F_INNER_MAP), host),
                0);
        MapOfMaps hashes =
                (MapOfMaps)
                        MapFactory.create(
                                Maps.spec(
                                        "o",
                                        MapType.HASH_OF_MAPS,
                                        4,
                                        4,
                                        2,
                                        0,
                                        0,
                                        Maps.spec(MapType.HASH, 4, 8, 1, 0)),
                                host);
        hashes.setInner(u32(0), MapFactory.create(Maps.spec(MapType.HASH, 4, 8, 9, 0), host), 0);
        fails(
                Errno.EEXIST,
                () ->
                        hashes.setInner(
                                u32(0),
                                MapFactory.create(Maps.spec(MapType.HASH, 4, 8, 9, 0), host),
                                MapFlags.BPF_NOEXIST));
    }

    @Test
    void perfEventArrays() {
        PerfEventArrayMap map =
                (PerfEventArrayMap)
                        MapFactory.create(Maps.spec(MapType.PERF_EVENT_ARRAY, 0, 0, 8, 0), host);
        byte[] data = {1, 2, 3};
        long bytes = host.memory().reserve(3, "data");
        host.memory().write(bytes, data);
        assertEquals(0, map.output(MapFlags.BPF_F_CURRENT_CPU, 1, bytes, 3));
        assertEquals(0, map.output(0, 0, data));
        assertEquals(Errno.EOPNOTSUPP.negative(), map.output(0, 1, data));
        assertEquals(Errno.E2BIG.negative(), map.output(8, 1, data));
        assertEquals(Errno.ENOENT.negative(), map.output(7, 1, data));
        assertEquals(Errno.EINVAL.negative(), map.output(1L << 33, 1, data));
        assertArrayEquals(data, map.poll(1));
        assertNull(map.poll(1));
        assertArrayEquals(data, map.poll(0));
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    i == 0 ? 0 : Errno.ENOSPC.negative(),
                    map.output(0, 0, new byte[PerfEventArrayMap.CAPACITY / 2 + 1]));
        }
        assertEquals(1, map.lost());
        map.remove(u32(1));
        assertEquals(Errno.ENOENT.negative(), map.output(1, 1, data));
        List<String> seen = new ArrayList<>();
        map.setSink((cpu, record) -> seen.add(cpu + ":" + record.length));
        map.output(0, 0, data);
        assertEquals(List.of("0:3"), seen);
    }
}

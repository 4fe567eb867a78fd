package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link KernelMapParityTest}'s random batches do not reach: locks, permissions, and maps of
 * maps.
 */
class MapBatchTest {
    private static final byte[] NOTHING = {};

    private static byte[] u32s(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : numbers) {
            bytes.putInt(number);
        }
        return bytes.array();
    }

    private static void fails(Errno errno, Executable operation) {
        assertEquals(errno, assertThrows(MapException.class, operation).errno());
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"ARRAY", "HASH"})
    void valuesUnderTheirLocks(MapType type) {
        ValueFields fields =
                new ValueFields(List.of(new ValueFields.Field(ValueFields.Kind.BPF_SPIN_LOCK, 0)));
        MapSpec spec = Maps.spec(type, 4, 8, 2, MapFlags.BPF_F_ZERO_SEED & typeFlags(type));
        BpfMap map = MapFactory.create(spec, Maps.host(), ignored -> fields);
        MapBatch batch = new MapBatch(map);
        byte[] values = u32s(7, 1, 7, 2);
        MapBatch.Result put = batch.update(u32s(0, 1), values, MapFlags.BPF_F_LOCK);
        assertNull(put.errno());
        assertEquals(2, put.count());
        MapBatch.Result found = batch.lookup(null, 5, MapFlags.BPF_F_LOCK);
        assertEquals(Errno.ENOENT, found.errno());
        assertEquals(2, found.count());
        for (int i = 0; i < 2; i++) {
            int key = ByteBuffer.wrap(found.keys()).order(ByteOrder.LITTLE_ENDIAN).getInt(4 * i);
            // the lock itself is not user space's
            assertArrayEquals(
                    u32s(0, key + 1), Arrays.copyOfRange(found.values(), 8 * i, 8 * i + 8));
        }
        // all locks are free again
        assertEquals(2, batch.update(u32s(0, 1), values, MapFlags.BPF_F_LOCK).count());
        fails(Errno.EINVAL, () -> batch.lookup(null, 5, MapFlags.BPF_EXIST));
        fails(Errno.EINVAL, () -> batch.update(u32s(0), u32s(1, 1), MapFlags.BPF_NOEXIST));
    }

    private static int typeFlags(MapType type) {
        return MapTypeTable.of(type).flags();
    }

    @Test
    void permissionsAreAskedFirst() {
        BpfMap map = Maps.create(MapType.ARRAY, 4, 4, 2, 0);
        map.freeze();
        MapBatch batch = new MapBatch(map);
        fails(Errno.EPERM, () -> batch.update(u32s(0), u32s(1), 0));
        // an array has none, but frozen is the first reason
        fails(Errno.EPERM, () -> batch.delete(u32s(0), 0));
        fails(Errno.EPERM, () -> batch.take(null, 1, 0));
        assertEquals(2, batch.lookup(null, 2, 0).count());
        BpfMap unread = Maps.create(MapType.HASH, 4, 4, 2, MapFlags.BPF_F_WRONLY);
        fails(Errno.EPERM, () -> new MapBatch(unread).lookup(null, 1, 0));
        fails(Errno.EPERM, () -> new MapBatch(unread).take(null, 1, 0));
        assertEquals(1, new MapBatch(unread).update(u32s(1), u32s(1), 0).count());
    }

    @Test
    void sizesThatDoNotFit() {
        MapBatch batch = new MapBatch(Maps.create(MapType.HASH, 4, 4, 2, 0));
        fails(Errno.EINVAL, () -> batch.update(u32s(0, 1), u32s(1), 0));
        fails(Errno.EINVAL, () -> batch.update(new byte[3], NOTHING, 0));
        fails(Errno.EINVAL, () -> batch.delete(new byte[3], 0));
        fails(Errno.EINVAL, () -> batch.lookup(new byte[8], 1, 0));
    }

    /** Values are handles here and ids there; errno, counts, cursors and keys are the same. */
    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
    void mapsOfMaps(MapType type) {
        Assumptions.assumeTrue(KernelBpf.isPermitted(), KernelBpf::refusal);
        MapHost host = Maps.host();
        MapSpec template = Maps.spec(MapType.ARRAY, 4, 8, 1, 0);
        BpfMap inner = MapFactory.create(template, host);
        int flags = MapFlags.BPF_F_ZERO_SEED & typeFlags(type);
        MapSpec spec = Maps.spec("outer", type, 4, 4, 5, flags, 0, template);
        BpfMap outer = MapFactory.create(spec, host);
        int innerFd = KernelBpf.mapCreate(MapType.ARRAY.number(), 4, 8, 1, 0, 0);
        int outerFd = KernelBpf.mapCreate(type.number(), 4, 4, 5, flags, innerFd);
        try (MapFace ours = MapFace.of(outer);
                MapFace theirs = MapFace.ofKernel(outerFd)) {
            int handle = (int) inner.handle();
            same(
                    theirs.batch(
                            MapBatch.Command.UPDATE,
                            null,
                            u32s(1, 3, 4),
                            u32s(innerFd, innerFd, innerFd),
                            3,
                            0),
                    ours.batch(
                            MapBatch.Command.UPDATE,
                            null,
                            u32s(1, 3, 4),
                            u32s(handle, handle, handle),
                            3,
                            0));
            for (MapBatch.Command command : MapBatch.Command.values()) {
                if (command == MapBatch.Command.UPDATE) {
                    continue;
                }
                byte[] cursor = null;
                for (int count : new int[] {0, 1, 2, 3, 4}) {
                    byte[] keys = command.reads() ? null : u32s(0, 3);
                    int wanted = command.reads() ? count : 2;
                    MapBatch.Result there = theirs.batch(command, cursor, keys, null, wanted, 0);
                    same(there, ours.batch(command, cursor, keys, null, wanted, 0));
                    cursor = there.cursor();
                }
            }
        } finally {
            KernelBpf.close(innerFd);
        }
    }

    private static void same(MapBatch.Result expected, MapBatch.Result actual) {
        assertEquals(expected.errno(), actual.errno());
        assertEquals(expected.count(), actual.count());
        assertArrayEquals(expected.cursor(), actual.cursor());
        assertArrayEquals(expected.keys(), actual.keys());
    }
}

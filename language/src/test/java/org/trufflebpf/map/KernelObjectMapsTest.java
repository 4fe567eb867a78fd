package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.KernelObjects.Kind;
import org.trufflebpf.memory.Heap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Maps of sockets, cgroups and other objects; values that are bound to them; stacks and arenas. */
class KernelObjectMapsTest {
    private final MapHost host = Maps.host();
    private final KernelObjects objects = host.objects();
    private final Memory memory = host.memory();

    private static byte[] u32(long number) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) number).array();
    }

    private static byte[] u64(long number) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    private static void fails(Errno errno, Executable operation) {
        assertEquals(errno, assertThrows(MapException.class, operation).errno());
    }

    private long key(int number) {
        long address = memory.reserve(8, "key");
        memory.putLong(address, number);
        return address;
    }

    @Test
    void sockmapsHoldSocketsWhileTheyLive() {
        ObjectArrayMap map =
                (ObjectArrayMap) MapFactory.create(Maps.spec(MapType.SOCKMAP, 4, 8, 2, 0), host);
        KernelObjects.Entry web = objects.add(Kind.SOCKET, 0x2000008, "web");
        objects.add(Kind.CGROUP, 0x2000010, "group");
        map.put(u32(1), u64(web.address()), MapFlags.BPF_NOEXIST);
        assertArrayEquals(u64(web.cookie()), map.get(u32(1)));
        assertNull(map.get(u32(0)));
        assertEquals(web.address(), map.lookup(key(1), 0));
        assertTrue(map.isTarget(1));
        fails(Errno.EEXIST, () -> map.put(u32(1), u64(web.address()), MapFlags.BPF_NOEXIST));
        fails(Errno.ENOENT, () -> map.put(u32(0), u64(web.address()), MapFlags.BPF_EXIST));
        fails(Errno.E2BIG, () -> map.put(u32(2), u64(web.address()), 0));
        fails(Errno.EBADF, () -> map.put(u32(0), u64(0x2000010), 0));
        assertEquals(0, map.updateSocket(key(0), web.address(), 0));
        assertEquals(0, map.delete(key(0)));
        assertEquals(Errno.EINVAL.negative(), map.delete(key(0)));
        objects.remove(web.address());
        assertEquals(0, map.lookup(key(1), 0));
    }

    @Test
    void sockhashesHoldSocketsByAnyKey() {
        SockHashMap map =
                (SockHashMap) MapFactory.create(Maps.spec(MapType.SOCKHASH, 4, 8, 2, 0), host);
        long first = objects.add(Kind.SOCKET, 0x2000008, "a").address();
        long second = objects.add(Kind.SOCKET, 0x2000010, "b").address();
        map.put(u32(70), u64(first), 0);
        assertEquals(0, map.updateSocket(key(80), second, MapFlags.BPF_NOEXIST));
        fails(Errno.E2BIG, () -> map.put(u32(90), u64(first), 0));
        assertEquals(second, map.socket(key(80)));
        byte[] one = map.nextKey(null);
        byte[] other = map.nextKey(one);
        assertNotEquals(Arrays.toString(one), Arrays.toString(other));
        assertNull(map.nextKey(other));
        objects.remove(first);
        assertEquals(0, map.socket(key(70)));
        map.remove(u32(80));
        fails(Errno.ENOENT, () -> map.remove(u32(80)));
    }

    @ParameterizedTest
    @CsvSource({
        "XSKMAP, XDP_SOCKET, EOPNOTSUPP",
        "CGROUP_ARRAY, CGROUP, ENOTSUPP",
        "REUSEPORT_SOCKARRAY, SOCKET, ENOSPC"
    })
    void arraysOfObjectsCannotBeReadBack(MapType type, Kind kind, Errno unreadable) {
        ObjectArrayMap map = (ObjectArrayMap) MapFactory.create(Maps.spec(type, 4, 4, 2, 0), host);
        long address = objects.add(kind, 0x2000008, "x").address();
        map.put(u32(1), u32(address), 0);
        assertEquals(address, map.object(1));
        fails(unreadable, () -> map.get(u32(1)));
        map.remove(u32(1));
        assertEquals(0, map.object(1));
    }

    private LocalStorageMap storage() {
        MapSpec spec =
                new MapSpec(
                        "m",
                        MapType.TASK_STORAGE,
                        4,
                        12,
                        0,
                        MapFlags.BPF_F_NO_PREALLOC,
                        0,
                        -1,
                        false,
                        1,
                        1,
                        null,
                        List.of(),
                        null,
                        MapSpec.Kind.DECLARED);
        return (LocalStorageMap) MapFactory.create(spec, host);
    }

    @Test
    void localStorageGoesWithItsOwner() {
        LocalStorageMap map = storage();
        long task = objects.add(Kind.TASK, 0x2000008, "t").address();
        assertEquals(0, map.storage(task, 0, 0));
        assertEquals(0, map.storage(0x3000000, 0, LocalStorageMap.CREATE));
        assertEquals(0, map.storage(task, 0, 2));
        long initial = key(77);
        memory.putInt(initial + 8, 5);
        long value = map.storage(task, initial, LocalStorageMap.CREATE);
        assertEquals(77, memory.getLong(value));
        assertEquals(value, map.storage(task, 0, LocalStorageMap.CREATE));
        assertTrue(memory.isAccessible(value, 12, true));
        assertTrue(!memory.isAccessible(value, 13, true));
        byte[] bytes = map.get(u32(task));
        assertEquals(77, bytes[0]);
        fails(Errno.EEXIST, () -> map.put(u32(task), bytes, MapFlags.BPF_NOEXIST));
        map.put(u32(task), bytes, MapFlags.BPF_EXIST);
        assertNotEquals(value, map.storage(task, 0, 0), "an update replaces the value");
        fails(Errno.EBADF, () -> map.get(u32(4)));
        fails(Errno.ENOTSUPP, () -> map.nextKey(null));
        objects.remove(task);
        long again = objects.add(Kind.TASK, task, "t").address();
        assertNull(map.get(u32(again)));
        assertEquals(Errno.ENOENT.negative(), map.deleteStorage(again));
        assertEquals(Errno.EINVAL.negative(), map.deleteStorage(0));
    }

    @Test
    void stacksAreStoredOnceByTheirAddresses() {
        StackTraceMap map =
                (StackTraceMap) MapFactory.create(Maps.spec(MapType.STACK_TRACE, 0, 0, 0, 0), host);
        assertEquals(1016, map.valueSize());
        long[] stack = {0xffffffff81000010L, 0xffffffff81000020L, 0xffffffff81000030L};
        long id = map.store(stack, 0);
        assertTrue(id >= 0);
        assertEquals(id, map.store(stack.clone(), 0));
        assertEquals(id, map.store(stack, 1 << 9));
        long inner = map.store(stack, 1);
        assertNotEquals(id, inner);
        assertEquals(Errno.EFAULT.negative(), map.store(stack, 3));
        assertEquals(Errno.EFAULT.negative(), map.store(null, 0));
        assertEquals(Errno.EINVAL.negative(), map.store(stack, 1 << 11));
        ByteBuffer read = ByteBuffer.wrap(map.get(u32(id))).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(1016, read.capacity());
        for (long address : stack) {
            assertEquals(address, read.getLong());
        }
        assertEquals(0, read.getLong());
        map.remove(u32(inner));
        assertArrayEquals(u32(id), map.nextKey(null));
        assertNull(map.nextKey(u32(id)));
    }

    @Test
    void aStackMapIsFullWhenAllItsStacksAreTaken() {
        StackTraceMap map =
                (StackTraceMap)
                        MapFactory.create(Maps.spec(MapType.STACK_TRACE, 4, 64, 5, 0), host);
        int stored = 0;
        int full = 0;
        for (int i = 0; i < 200; i++) {
            long id = map.store(new long[] {i + 1}, 0);
            stored += id >= 0 ? 1 : 0;
            full += id == Errno.ENOMEM.negative() ? 1 : 0;
        }
        // of 8 buckets, 5 have room
        assertEquals(5, stored);
        assertTrue(full > 0);
    }

    @Test
    void arenasGiveOutPagesWhereTheyFit() {
        ArenaMap map =
                (ArenaMap)
                        MapFactory.create(
                                Maps.spec(
                                        "m",
                                        MapType.ARENA,
                                        0,
                                        0,
                                        10,
                                        MapFlags.BPF_F_MMAPABLE,
                                        0x7000_0000_0000L,
                                        null),
                                host);
        long first = map.allocate(0, 4, 0);
        assertEquals(0x7000L, first >>> 32);
        assertEquals(map.start(), first & 0xffff_ffffL);
        long second = map.allocate(0, 2, 0);
        assertEquals(first + 4L * ArenaMap.PAGE, second);
        map.free(first + ArenaMap.PAGE, 2);
        assertEquals(first + ArenaMap.PAGE, map.allocate(0, 2, 0), "the smallest gap that fits");
        assertEquals(0, map.allocate(0, 5, 0));
        assertEquals(0, map.allocate(second, 1, 0), "taken");
        assertEquals(0, map.allocate(0, 1, 1), "unknown flags");
        assertEquals(Errno.EBUSY.negative(), map.reserve(second, 1));
        assertEquals(0, map.reserve(first + 6L * ArenaMap.PAGE, 4));
        assertEquals(0, map.allocate(0, 1, 0));
        memory.putLong(map.start(), 5);
        map.free(first, 1);
        assertEquals(0, memory.getLong(map.start()));
    }

    @Test
    void heapObjectsHaveTheirSizeAndTheirTime() {
        Heap heap = new Heap(memory, Region.Kind.MEMORY, "objects");
        long one = heap.allocate(24, "type");
        assertEquals("type", heap.typeOf(one + 20));
        assertTrue(memory.isAccessible(one, 24, true));
        assertTrue(!memory.isAccessible(one, 25, false));
        assertTrue(!memory.isAccessible(one + 24, 1, false));
        heap.free(one);
        assertTrue(memory.isAccessible(one, 24, false), "readers may still be there");
        assertTrue(!memory.isAccessible(one, 8, true));
        assertThrows(BpfException.class, () -> heap.free(one));
        assertEquals(one, heap.allocate(17, null));
        assertTrue(!memory.isAccessible(one, 18, true));
        for (int i = 0; i < 10_000; i++) {
            assertNotEquals(0, heap.allocate(40, null));
        }
        assertEquals(0, heap.allocate(1L << 30, null));
    }
}

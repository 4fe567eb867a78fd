package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What programs get from maps: addresses, errors, regions; per-CPU values; walks; locks. */
class ProgramFaceTest {
    /** A map with room for a key and a value that the "program" passes. */
    private static final class Program {
        final BpfMap map;
        final Memory memory;
        final long key;
        final long value;

        Program(MapType type, int keySize, int valueSize, int entries, int flags) {
            this(
                    MapFactory.create(
                            Maps.spec(type, keySize, valueSize, entries, flags), Maps.host()));
        }

        Program(BpfMap map) {
            this.map = map;
            this.memory = map.memory();
            this.key = memory.reserve(Math.max(8, map.keySize()), "key");
            this.value = memory.reserve(Math.max(8, map.valueSize()), "value");
            memory.fill(key, Math.max(8, map.keySize()), (byte) 0);
            memory.fill(value, Math.max(8, map.valueSize()), (byte) 0);
        }

        long lookup(int number, int cpu) {
            memory.putInt(key, number);
            return map.lookup(key, cpu);
        }

        String update(int number, int content, long flags, int cpu) {
            memory.putInt(key, number);
            memory.putInt(value, content);
            return name(map.update(key, value, flags, cpu));
        }

        String delete(int number) {
            memory.putInt(key, number);
            return name(map.delete(key));
        }
    }

    private static String name(long result) {
        return result == 0 ? "0" : "-" + Errno.of(result);
    }

    /**
     * Each line: type, then operations on a map of 2 entries ({@code u:key:flags}, {@code d:key},
     * {@code l:key}) and results.
     */
    @ParameterizedTest
    @CsvSource({
        "ARRAY,        u:0:0 u:1:2 u:2:0 u:0:1 u:0:3 u:0:4 d:0 l:1 l:2,     0 0 -E2BIG -EEXIST"
                + " -EINVAL -EINVAL -EINVAL yes no",
        "ARRAY,        u:9:1 u:9:3 l:-1,                                    -E2BIG -EINVAL no",
        "PERCPU_ARRAY, u:0:0 u:1:2 u:2:0 u:0:1 u:0:3 d:0 l:1 l:2,           0 0 -E2BIG -EEXIST"
                + " -EINVAL -EINVAL yes no",
        "HASH,         l:7 u:7:0 l:7 u:7:1 u:7:2 u:8:2 u:8:1 u:9:0 u:7:0,   no 0 yes -EEXIST 0"
                + " -ENOENT 0 -E2BIG 0",
        "HASH,         u:7:3 u:7:4 d:7 u:7:0 d:7 d:7 l:7,                   -EINVAL -EINVAL -ENOENT"
                + " 0 0 -ENOENT no",
        "PERCPU_HASH,  u:7:0 u:7:1 u:8:2 u:8:1 u:9:0 u:7:3 u:7:4 d:7 d:7,   0 -EEXIST -ENOENT 0"
                + " -E2BIG -EINVAL -EINVAL 0 -ENOENT",
        "LRU_HASH,     u:7:0 u:7:1 u:8:2 u:8:3 u:8:4 d:9 l:9,               0 -EEXIST -ENOENT"
                + " -EINVAL -EINVAL -ENOENT no",
        "LRU_HASH,     u:1:0 u:2:0 u:3:0 u:4:0 l:4,                         0 0 0 0 yes",
        "LRU_PERCPU_HASH, u:7:0 u:7:1 u:8:2 u:8:3 u:8:4 d:9 d:7,            0 -EEXIST -ENOENT"
                + " -EINVAL -EINVAL -ENOENT 0",
        "PROG_ARRAY,   u:0:0 d:0,                                           -EINVAL -EINVAL",
        "QUEUE,        u:0:0 d:0 l:0,                                       -EINVAL -EINVAL no",
        "RINGBUF,      u:0:0 d:0,                                           -ENOTSUPP -ENOTSUPP",
        "BLOOM_FILTER, u:0:0 d:0,                                           -EINVAL -EOPNOTSUPP"
    })
    void results(MapType type, String operations, String results) {
        int keySize =
                switch (type) {
                    case QUEUE, RINGBUF, BLOOM_FILTER -> 0;
                    default -> 4;
                };
        int entries = type == MapType.RINGBUF ? 4096 : 2;
        Program program = new Program(type, keySize, type == MapType.RINGBUF ? 0 : 4, entries, 0);
        List<String> actual = new ArrayList<>();
        for (String operation : operations.trim().split(" +")) {
            String[] parts = operation.split(":");
            int key = Integer.parseInt(parts[1]);
            actual.add(
                    switch (parts[0]) {
                        case "u" -> program.update(key, 5, Long.parseLong(parts[2]), 0);
                        case "d" -> program.delete(key);
                        default -> program.lookup(key, 0) != 0 ? "yes" : "no";
                    });
        }
        assertEquals(results.trim(), String.join(" ", actual));
    }

    @Test
    void replacedHashValueStaysReadable() {
        Program program = new Program(MapType.HASH, 4, 8, 4, 0);
        program.update(1, 10, 0, 0);
        long old = program.lookup(1, 0);
        program.update(1, 11, 0, 0);
        assertEquals(10, program.memory.getInt(old));
        long now = program.lookup(1, 0);
        assertNotEquals(old, now);
        assertEquals(11, program.memory.getInt(now));
        program.delete(1);
        assertEquals(11, program.memory.getInt(now));
    }

    @Test
    void arrayValueIsUpdatedInPlace() {
        Program program = new Program(MapType.ARRAY, 4, 8, 4, 0);
        long address = program.lookup(3, 0);
        program.update(3, 11, 0, 0);
        assertEquals(11, program.memory.getInt(address));
        ArrayMap array = (ArrayMap) program.map;
        assertEquals(address, array.valuesStart() + 3L * array.slotSize());
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"PERCPU_ARRAY", "PERCPU_HASH", "LRU_PERCPU_HASH"})
    void cpusHaveTheirOwnValues(MapType type) {
        Program program = new Program(type, 4, 5, 4, 0);
        assertEquals("0", program.update(1, 100, 0, 1));
        long zero = program.lookup(1, 0);
        long one = program.lookup(1, 1);
        assertEquals(0, program.memory.getInt(zero));
        assertEquals(100, program.memory.getInt(one));
        assertEquals(one, program.map.lookupPercpu(program.key, 1));
        assertEquals(0, program.map.lookupPercpu(program.key, 2));
        assertEquals(0, program.map.lookupPercpu(program.key, -1));
        program.update(1, 7, 0, 0);
        assertEquals(100, program.memory.getInt(one));
        byte[] key = {1, 0, 0, 0};
        assertArrayEquals(
                new byte[] {7, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0},
                program.map.get(key));
        // a new element after the slot was used: zeros on the other CPUs
        if (type != MapType.PERCPU_ARRAY) {
            program.delete(1);
            program.update(2, 9, 0, 1);
            assertEquals(0, program.memory.getInt(program.lookup(2, 0)));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {
                "ARRAY",
                "HASH",
                "LRU_HASH",
                "PERCPU_ARRAY",
                "PERCPU_HASH",
                "LRU_PERCPU_HASH",
                "LPM_TRIE"
            })
    void onlyTheValueIsAccessible(MapType type) {
        boolean lpm = type == MapType.LPM_TRIE;
        Program program = new Program(type, lpm ? 8 : 4, 12, 3, lpm ? 1 : 0);
        for (int key = 0; key < 3; key++) {
            program.update(key, key, 0, 0);
        }
        for (int key = 0; key < 3; key++) {
            long address = program.lookup(key, 0);
            Memory memory = program.memory;
            assertTrue(memory.isAccessible(address, 12, true));
            assertTrue(memory.isAccessible(address + 8, 4, true));
            assertFalse(memory.isAccessible(address, 13, false));
            assertFalse(memory.isAccessible(address + 12, 1, true));
            assertFalse(memory.isAccessible(address - 1, 1, true));
            BpfException e =
                    assertThrows(BpfException.class, () -> memory.check(address + 4, 12, true));
            assertEquals(
                    "invalid write of 12 bytes at offset 4 of map value of m (12 bytes): out of"
                            + " bounds",
                    e.getMessage());
        }
    }

    @Test
    void readOnlyForPrograms() {
        for (MapType type : new MapType[] {MapType.ARRAY, MapType.HASH}) {
            Program program = new Program(type, 4, 8, 4, MapFlags.BPF_F_RDONLY_PROG);
            program.map.put(new byte[4], new byte[8], 0);
            long address = program.lookup(0, 0);
            assertTrue(program.memory.isAccessible(address, 8, false));
            assertFalse(program.memory.isAccessible(address, 8, true));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ARRAY, 8",
        "PERCPU_ARRAY, 8",
        "HASH, 5",
        "PERCPU_HASH, 5",
        "LRU_HASH, 5",
        "LRU_PERCPU_HASH, 5"
    })
    void forEachVisitsAll(MapType type, int expected) {
        Program program = new Program(type, 4, 8, 8, 0);
        for (int i = 0; i < 5; i++) {
            program.update(i, 10 * i, 0, 1);
        }
        Set<Integer> seen = new HashSet<>();
        long visited =
                program.map.forEach(
                        (key, value) -> {
                            assertTrue(program.memory.isAccessible(key, 4, false));
                            assertFalse(program.memory.isAccessible(key, 4, true));
                            assertTrue(program.memory.isAccessible(value, 8, true));
                            int number = program.memory.getInt(key);
                            assertEquals(
                                    number < 5 ? 10 * number : 0, program.memory.getInt(value));
                            assertTrue(seen.add(number));
                            return 0;
                        },
                        1);
        assertEquals(expected, visited);
        assertEquals(expected, seen.size());
        assertEquals(1, program.map.forEach((key, value) -> 1, 0));
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"HASH", "PERCPU_HASH", "LRU_HASH", "LRU_PERCPU_HASH"})
    void forEachMayDeleteTheElement(MapType type) {
        Program program = new Program(type, 4, 8, 100, 0);
        for (int i = 0; i < 100; i++) {
            program.update(i, i, 0, 0);
        }
        long visited = program.map.forEach((key, value) -> program.map.delete(key), 0);
        assertEquals(100, visited);
        assertEquals(null, program.map.nextKey(null));
    }

    @Test
    void forEachElsewhereIsInvalid() {
        assertEquals(
                "-EINVAL",
                name(new Program(MapType.QUEUE, 0, 4, 4, 0).map.forEach((k, v) -> 0, 0)));
        assertEquals(
                "-EINVAL",
                name(new Program(MapType.LPM_TRIE, 8, 4, 4, 1).map.forEach((k, v) -> 0, 0)));
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"ARRAY", "HASH"})
    void lockedUpdatesWriteInPlaceAndSpareTheLock(MapType type) {
        ValueFields fields =
                new ValueFields(List.of(new ValueFields.Field(ValueFields.Kind.BPF_SPIN_LOCK, 4)));
        MapSpec spec = Maps.spec(type, 4, 12, 2, 0);
        Program program = new Program(MapFactory.create(spec, Maps.host(), ignored -> fields));
        byte[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        byte[] read = {1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1};
        program.map.put(new byte[4], ones, 0);
        long address = program.lookup(0, 0);
        assertArrayEquals(read, program.map.get(new byte[4]));
        assertArrayEquals(read, program.map.get(new byte[4], MapFlags.BPF_F_LOCK));
        assertEquals(0, program.memory.getInt(address + 4));
        SpinLock.lock(program.memory, address + 4);
        assertTrue(SpinLock.isHeld(program.memory, address + 4));
        assertArrayEquals(read, program.map.get(new byte[4]));
        if (type == MapType.ARRAY) {
            program.update(0, 77, 0, 0);
            assertTrue(SpinLock.isHeld(program.memory, address + 4));
        }
        SpinLock.unlock(program.memory, address + 4);
        assertEquals("0", program.update(0, 78, MapFlags.BPF_F_LOCK, 0));
        assertEquals(78, program.memory.getInt(address));
        assertEquals(address, program.lookup(0, 0));
        assertEquals(0, program.memory.getInt(address + 4));
    }

    @Test
    void spinLocksKnowTheirOwner() {
        Memory memory = Maps.host().memory();
        long lock = memory.reserve(4, "lock");
        memory.putInt(lock, 0);
        assertThrows(BpfException.class, () -> SpinLock.unlock(memory, lock));
        SpinLock.lock(memory, lock);
        assertThrows(BpfException.class, () -> SpinLock.lock(memory, lock));
        SpinLock.unlock(memory, lock);
        assertFalse(SpinLock.isHeld(memory, lock));
    }

    @Test
    void keysHaveTheObjectsByteOrder() {
        MapHost host = Maps.host(1 << 20, ByteOrder.BIG_ENDIAN);
        BpfMap array = MapFactory.create(Maps.spec(MapType.ARRAY, 4, 4, 4, 0), host);
        array.put(new byte[] {0, 0, 0, 3}, new byte[] {1, 2, 3, 4}, 0);
        Program program = new Program(array);
        assertEquals(0x01020304, program.memory.getInt(program.lookup(3, 0)));
        assertArrayEquals(new byte[] {0, 0, 0, 1}, array.nextKey(new byte[] {0, 0, 0, 0}));
        BpfMap trie = MapFactory.create(Maps.spec(MapType.LPM_TRIE, 8, 1, 4, 1), host);
        trie.put(new byte[] {0, 0, 0, 8, 10, 0, 0, 0}, new byte[] {9}, 0);
        assertArrayEquals(new byte[] {9}, trie.get(new byte[] {0, 0, 0, 32, 10, 7, 7, 7}));
    }

    @Test
    void frozenAndOneWayMapsRefuseUserSpace() {
        BpfMap map = Maps.create(MapType.ARRAY, 4, 4, 1, 0);
        map.freeze();
        MapException e =
                assertThrows(MapException.class, () -> map.put(new byte[4], new byte[4], 0));
        assertEquals(Errno.EPERM, e.errno());
        map.get(new byte[4]);
        BpfMap readOnly = Maps.create(MapType.HASH, 4, 4, 1, MapFlags.BPF_F_RDONLY);
        assertEquals(
                Errno.EPERM,
                assertThrows(MapException.class, () -> readOnly.put(new byte[4], new byte[4], 0))
                        .errno());
        BpfMap writeOnly = Maps.create(MapType.HASH, 4, 4, 1, MapFlags.BPF_F_WRONLY);
        assertEquals(
                Errno.EPERM,
                assertThrows(MapException.class, () -> writeOnly.get(new byte[4])).errno());
    }

    @Test
    void queuesAndStacks() {
        for (MapType type : new MapType[] {MapType.QUEUE, MapType.STACK}) {
            Program program = new Program(type, 0, 4, 2, 0);
            Memory memory = program.memory;
            memory.putInt(program.value, 99);
            assertEquals("-ENOENT", name(program.map.pop(program.value)));
            assertEquals(0, memory.getInt(program.value));
            for (int i = 1; i <= 3; i++) {
                memory.putInt(program.value, i);
                assertEquals(i < 3 ? "0" : "-E2BIG", name(program.map.push(program.value, 0)));
            }
            assertEquals("-EINVAL", name(program.map.push(program.value, MapFlags.BPF_NOEXIST)));
            assertEquals("-EINVAL", name(program.map.push(program.value, 4)));
            assertEquals("0", name(program.map.push(program.value, MapFlags.BPF_EXIST)));
            List<Integer> popped = new ArrayList<>();
            assertEquals("0", name(program.map.peek(program.value)));
            popped.add(memory.getInt(program.value));
            while (program.map.pop(program.value) == 0) {
                popped.add(memory.getInt(program.value));
            }
            assertEquals(type == MapType.QUEUE ? List.of(2, 2, 3) : List.of(3, 3, 2), popped);
        }
    }

    @Test
    void otherMapsHaveNoPushAndPop() {
        Program program = new Program(MapType.HASH, 4, 4, 2, 0);
        assertEquals("-EOPNOTSUPP", name(program.map.push(program.value, 0)));
        assertEquals("-EOPNOTSUPP", name(program.map.pop(program.value)));
        assertEquals("-EOPNOTSUPP", name(program.map.peek(program.value)));
    }
}

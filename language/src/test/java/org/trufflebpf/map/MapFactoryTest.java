package org.trufflebpf.map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Which attributes make a map, which are refused, and with what words. */
class MapFactoryTest {
    private static BpfException refused(MapSpec spec) {
        return assertThrows(BpfException.class, () -> MapFactory.create(spec, Maps.host()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ARRAY          | 8 | 8 | 4    | 0    | map m (array): key_size 8, where this type takes 4 (-EINVAL)
                    ARRAY          | 4 | 0 | 4    | 0    | map m (array): value_size 0, where this type takes 1 to 2147483647 (-EINVAL)
                    ARRAY          | 4 | 4 | 0    | 0    | map m (array): max_entries 0, where this type takes at least 1 (-EINVAL)
                    ARRAY          | 4 | 4 | 1    | 1    | map m (array): map_flags BPF_F_NO_PREALLOC do not exist for this type (-EINVAL)
                    ARRAY          | 4 | 4 | 1    | 384  | map m (array): map_flags are read-only and write-only at the same time (-EINVAL)
                    PERCPU_ARRAY   | 4 | 40000 | 1 | 0   | map m (percpu_array): value_size 40000, where this type takes 1 to 32768 (-E2BIG)
                    HASH           | 0 | 4 | 1    | 0    | map m (hash): key_size 0, where this type takes at least 1 (-EINVAL)
                    HASH           | 4 | 4194304 | 1 | 0 | map m (hash): key_size + value_size is 4194308, where it must be below 4194256 (-E2BIG)
                    PERCPU_HASH    | 4 | 4 | 1    | 4    | map m (percpu_hash): BPF_F_NUMA_NODE does not go with per-CPU elements (-EINVAL)
                    LPM_TRIE       | 8 | 4 | 1    | 0    | map m (lpm_trie): map_flags lack BPF_F_NO_PREALLOC (-EINVAL)
                    LPM_TRIE       | 4 | 4 | 1    | 1    | map m (lpm_trie): key_size 4, where this type takes 5 to 260 (-EINVAL)
                    QUEUE          | 4 | 4 | 1    | 0    | map m (queue): key_size 4, where this type takes 0 (-EINVAL)
                    RINGBUF        | 0 | 0 | 0    | 0    | map m (ringbuf): max_entries 0, where this type takes at least 1 (-EINVAL)
                    ARRAY_OF_MAPS  | 4 | 4 | 1    | 0    | map m (array_of_maps): it declares no inner map (values) (-EBADF)
                    """)
    void saysWhichAttributeIsWrong(
            MapType type, int key, int value, int entries, int flags, String message) {
        BpfException e = refused(Maps.spec(type, key, value, entries, flags));
        assertEquals(message, e.getMessage());
        assertEquals(Failure.REJECTED, e.failure());
        assertEquals(Phase.LOAD, e.phase());
    }

    @Test
    void refusesOtherTypesByNameAndReason() {
        BpfException e = refused(Maps.spec(MapType.INSN_ARRAY, 4, 16, 1, 0));
        assertEquals(
                "map m (insn_array): this map type is not supported: it came with Linux 6.19, for"
                        + " indirect jumps",
                e.getMessage());
        assertEquals(Failure.UNSUPPORTED, e.failure());
        assertEquals(Failure.REJECTED, refused(Maps.spec(MapType.UNSPEC, 4, 4, 1, 0)).failure());
    }

    @ParameterizedTest
    @EnumSource(value = MapType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNSPEC")
    void everyTypeHasARow(MapType type) {
        assertNotNull(MapTypeTable.of(type));
    }

    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {
                "ARRAY",
                "HASH",
                "PERCPU_HASH",
                "LRU_HASH",
                "PROG_ARRAY",
                "PERCPU_ARRAY",
                "QUEUE",
                "LPM_TRIE",
                "BLOOM_FILTER",
                "RINGBUF"
            })
    void hugeMapsAreRefusedBeforeAnythingIsTouched(MapType type) {
        int key =
                switch (type) {
                    case QUEUE, BLOOM_FILTER, RINGBUF -> 0;
                    case LPM_TRIE -> 8;
                    default -> 4;
                };
        for (int entries : new int[] {1 << 30, -1 & ~0xfff, Integer.MIN_VALUE}) {
            MapSpec spec =
                    Maps.spec(
                            type,
                            key,
                            type == MapType.RINGBUF ? 0 : 4,
                            entries,
                            type == MapType.LPM_TRIE ? 1 : 0);
            BpfException e =
                    assertThrows(
                            BpfException.class,
                            () ->
                                    MapFactory.create(
                                            spec, Maps.host(1 << 20, ByteOrder.LITTLE_ENDIAN)));
            assertTrue(e.failure() == Failure.LIMIT || type == MapType.RINGBUF, e::getMessage);
            assertTrue(e.getMessage().contains("map m"), e::getMessage);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PERF_EVENT_ARRAY, 0, 0, 0, 4, 4, 2",
        "PERF_EVENT_ARRAY, 4, 4, 7, 4, 4, 7",
        "RINGBUF, 0, 0, 1, 0, 0, 4096",
        "RINGBUF, 0, 0, 4097, 0, 0, 8192",
        "RINGBUF, 0, 0, 262144, 0, 0, 262144",
        "PROG_ARRAY, 4, 0, 3, 4, 4, 3"
    })
    void loaderDefaults(
            MapType type, int key, int value, int entries, int key2, int value2, int entries2) {
        BpfMap map = Maps.create(type, key, value, entries, 0);
        assertEquals(key2, map.keySize());
        assertEquals(value2, map.valueSize());
        assertEquals(entries2, map.maxEntries());
    }

    @Test
    void noCommonLruRoundsToCpus() {
        assertEquals(
                8,
                Maps.create(MapType.LRU_HASH, 4, 4, 7, MapFlags.BPF_F_NO_COMMON_LRU).maxEntries());
    }

    /** All combinations of some sizes and flags: made or refused with the kernel's errno. */
    @Test
    void refusesWhatTheKernelRefuses() {
        Assumptions.assumeTrue(KernelBpf.isPermitted(), KernelBpf::refusal);
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (MapTypeRow row : MapTypeTable.rows()) {
            // local storage and structures of operations need BTF in the kernel
            if (!row.isSupported()
                    || row.type().isMapInMap()
                    || row.type().isLocalStorage()
                    || row.type() == MapType.STRUCT_OPS) {
                continue;
            }
            for (int key : new int[] {0, 1, 4, 5, 8, 16, 260, 261, 513}) {
                for (int value :
                        new int[] {
                            0,
                            1,
                            4,
                            8,
                            12,
                            32,
                            1016,
                            1024,
                            32768,
                            32769,
                            4194304 - 300,
                            4194304,
                            4194305
                        }) {
                    for (int entries : new int[] {0, 1, 3, 4096}) {
                        for (int flags :
                                new int[] {
                                    0, 1, 2, 4, 8, 16, 24, 32, 64, 128, 256, 384, 512, 1024, 2048,
                                    4096, 8192
                                }) {
                            if ((long) value * entries > 1 << 23) {
                                continue;
                            }
                            compared++;
                            compare(row.type(), key, value, entries, flags, differences);
                        }
                    }
                }
            }
        }
        assertTrue(compared > 20_000, "compared " + compared);
        assertEquals("", String.join("\n", differences), differences.size() + " of " + compared);
    }

    private static void compare(
            MapType type, int key, int value, int entries, int flags, List<String> differences) {
        MapSpec spec = Maps.spec(type, key, value, entries, flags);
        MapTypeRow.Refusal refusal = MapFactory.refusal(spec);
        String ours = refusal == null ? "made" : refusal.errno().name();
        String theirs;
        try {
            KernelBpf.close(KernelBpf.mapCreate(type.number(), key, value, entries, flags, 0));
            theirs = "made";
        } catch (KernelBpfException e) {
            Errno errno = Errno.of(e.errno());
            theirs = errno == null ? "errno " + e.errno() : errno.name();
        }
        if (!ours.equals(theirs)) {
            differences.add(
                    type
                            + " key "
                            + key
                            + " value "
                            + value
                            + " entries "
                            + entries
                            + " flags "
                            + flags
                            + ": kernel "
                            + theirs
                            + ", here "
                            + ours);
        }
    }
}

package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

class HelperTableTest {
    @Test
    void hasEveryNumber() {
        assertEquals(HelperTable.LAST, HelperTable.rows().size());
        for (int number = 1; number <= HelperTable.LAST; number++) {
            assertEquals(number, HelperTable.row(number).number());
            assertFalse(
                    HelperTable.row(number).types().isEmpty(), HelperTable.row(number)::toString);
        }
        assertNull(HelperTable.row(0));
        assertNull(HelperTable.row(212));
    }

    /** No third state: a helper works, or says why it does not. */
    @Test
    void whatIsRefusedHasAReason() {
        for (HelperRow row : HelperTable.rows()) {
            assertTrue(
                    row.state() != State.NONE || HelperReasons.of(row.name()) != null,
                    row::toString);
        }
        for (String name : HelperReasons.names()) {
            assertEquals(State.NONE, HelperTable.byName(name).state(), name);
        }
    }

    @Test
    void findsByName() {
        assertSame(HelperTable.row(1), HelperTable.byName("bpf_map_lookup_elem"));
        assertEquals("bpf_map_lookup_elem#1", HelperTable.byName("map_lookup_elem").toString());
        assertNull(HelperTable.byName("no_such_helper"));
    }

    @Test
    void signaturesReadBack() {
        assertEquals("[CONST_MAP_PTR, MAP_KEY]", HelperTable.row(1).args().toString());
        assertEquals("MAP_VALUE|NULL", HelperTable.row(1).result().toString());
        assertEquals(
                "MEM=8|UNINIT|WRITE|ALIGNED",
                HelperTable.byName("strtol").args().get(3).toString());
        assertTrue(HelperTable.byName("trace_printk").has(Effect.GPL_ONLY));
        assertEquals(State.NODE, HelperTable.byName("tail_call").state());
    }

    @Test
    void refusesInTheKernelsWords() {
        refused(212, ProgramType.XDP, Failure.REJECTED, "invalid func unknown#212");
        refused(
                0,
                ProgramType.XDP,
                Failure.REJECTED,
                "program of this type cannot use helper bpf_unspec#0");
        refused(
                9,
                ProgramType.XDP,
                Failure.REJECTED,
                "program of this type cannot use helper bpf_skb_store_bytes#9");
        refused(
                22,
                ProgramType.KPROBE,
                Failure.UNSUPPORTED,
                "helper bpf_perf_event_read#22 is not implemented: needs a hardware counter");
        assertEquals(9, HelperTable.require(12, ProgramType.XDP).number() - 3);
    }

    private static void refused(int number, ProgramType type, Failure failure, String message) {
        BpfException e = assertThrows(BpfException.class, () -> HelperTable.require(number, type));
        assertEquals(failure, e.failure());
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    @Test
    void holdsToTheLicense() {
        assertEquals(113, HelperTable.require(113, ProgramType.KPROBE, "Dual BSD/GPL").number());
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> HelperTable.require(113, ProgramType.KPROBE, "Proprietary"));
        assertTrue(
                e.getMessage().startsWith("cannot call GPL-restricted function"), e.getMessage());
    }

    @Test
    void mapTypesGoWithTheirHelpers() {
        assertTrue(MapCompatibility.allows(MapType.HASH, HelperTable.byName("map_lookup_elem")));
        assertFalse(MapCompatibility.allows(MapType.QUEUE, HelperTable.byName("map_lookup_elem")));
        assertFalse(MapCompatibility.allows(MapType.HASH, HelperTable.byName("tail_call")));
        assertTrue(MapCompatibility.allows(MapType.PROG_ARRAY, HelperTable.byName("tail_call")));
    }
}

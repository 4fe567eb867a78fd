package org.trufflebpf.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

class SectionTableTest {
    @Test
    void everyRowIsFoundByItsName() {
        Set<String> names = new HashSet<>();
        for (SectionTable.Row row : SectionTable.rows()) {
            assertTrue(names.add(row.name()), row.name());
            assertSame(row, SectionTable.find(row.name()));
            if (row.takesTarget()) {
                assertSame(row, SectionTable.find(row.name() + "/target/of/it"));
            }
            assertNull(SectionTable.find(row.name() + "x"));
        }
        assertEquals(116, names.size());
    }

    @Test
    void exactRowsTakeNoTarget() {
        for (String name :
                List.of(
                        "xdp/eth0",
                        "xdp_prog",
                        "tc/foo",
                        "cgroup/",
                        "sockops/x",
                        "",
                        "kprob",
                        "Xdp")) {
            assertNull(SectionTable.find(name), name);
        }
    }

    @Test
    void rowsSayTypeAttachTypeAndFlags() {
        SectionTable.Row frags = SectionTable.find("xdp.frags/cpumap");
        assertEquals(ProgramType.XDP, frags.type());
        assertEquals(AttachType.XDP_CPUMAP, frags.attachType());
        assertTrue(frags.fragments());
        SectionTable.Row lsm = SectionTable.find("lsm.s/file_open");
        assertEquals(ProgramType.LSM, lsm.type());
        assertTrue(lsm.sleepable());
        assertFalse(SectionTable.find("lsm/file_open").sleepable());
        assertEquals(
                AttachType.CGROUP_INET4_CONNECT, SectionTable.find("cgroup/connect4").attachType());
        assertNull(SectionTable.find("cgroup/skb").attachType());
        assertEquals(ProgramType.RAW_TRACEPOINT_WRITABLE, SectionTable.find("raw_tp.w/x").type());
    }

    @Test
    void attachTypesHaveTheKernelsNumbers() {
        assertEquals(0, AttachType.CGROUP_INET_INGRESS.number());
        assertEquals(23, AttachType.TRACE_RAW_TP.number());
        assertEquals(37, AttachType.XDP.number());
        assertEquals(45, AttachType.NETFILTER.number());
        assertEquals(57, AttachType.TRACE_UPROBE_SESSION.number());
        assertSame(AttachType.XDP, AttachType.of(37));
        assertNull(AttachType.of(1000));
    }
}

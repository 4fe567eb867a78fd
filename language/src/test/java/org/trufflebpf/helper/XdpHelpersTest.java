package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.uapi.ProgramType;

class XdpHelpersTest {
    private static byte[] packet(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    @Test
    void pointersFollowTheHead() {
        Bench bench = new Bench(ProgramType.XDP).enter(packet(64), null);
        long data = bench.memory.getInt(bench.context());
        assertEquals(64, bench.memory.getInt(bench.context() + 4) - data);
        assertEquals(0, bench.call("xdp_adjust_head", bench.context(), -20));
        assertEquals(data - 20, bench.memory.getInt(bench.context()));
        assertEquals(84, bench.run.packet().size());
        assertEquals(-22, bench.call("xdp_adjust_head", bench.context(), -300));
        RunOutput out = bench.leave(2);
        assertEquals(84, out.dataOut().length);
        assertEquals(63, out.dataOut()[83]);
    }

    @Test
    void loadsFromFragments() {
        Bench bench = new Bench(ProgramType.XDP).enter(packet(9000), null);
        assertEquals(3520, bench.run.packet().size());
        assertEquals(9000, bench.call("xdp_get_buff_len", bench.context()));
        long buffer = bench.buffer(16);
        assertEquals(0, bench.call("xdp_load_bytes", bench.context(), 3512, buffer, 16));
        assertEquals((byte) 3512, bench.memory.getByte(buffer));
        assertEquals((byte) 3527, bench.memory.getByte(buffer + 15));
        assertEquals(-22, bench.call("xdp_load_bytes", bench.context(), 8990, buffer, 16));
        assertEquals(0, bench.call("xdp_adjust_tail", bench.context(), -8000));
        assertArrayEquals(packet(1000), bench.leave(2).dataOut());
    }

    @Test
    void wrongArgumentsAreNamed() {
        Bench bench = new Bench(ProgramType.XDP).enter(packet(64), null);
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> bench.call("xdp_adjust_head", bench.context() + 4, 0));
        assertTrue(
                e.getMessage().startsWith("helper bpf_xdp_adjust_head#44: argument 1 (r1)"),
                e.getMessage());
    }
}

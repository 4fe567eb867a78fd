package org.trufflebpf.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.helper.Bench;
import org.trufflebpf.helper.Packets;
import org.trufflebpf.runtime.Environment;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.util.Arrays;

class ProgramContextsTest {
    /**
     * Every type takes one of: nothing, a packet, a context; and every wrong input is a usage
     * error.
     */
    @ParameterizedTest
    @EnumSource(ProgramType.class)
    void everyTypeRunsOnSomething(ProgramType type) {
        int entered = 0;
        byte[] lookup = new byte[72];
        lookup[8] = 2;
        byte[][][] inputs = {
            {null, null}, {Packets.TCP, null}, {null, lookup}, {null, new byte[70000]}
        };
        for (byte[][] input : inputs) {
            Bench bench = new Bench(type);
            try {
                bench.enter(input[0], input[1]);
                assertEquals(5, bench.leave(5).retval());
                entered++;
            } catch (BpfException e) {
                assertEquals(Failure.USAGE, e.failure(), e::getMessage);
            }
        }
        assertEquals(true, entered > 0);
    }

    @Test
    void packetPointersAreGuestAddresses() {
        Bench bench = new Bench(ProgramType.XDP).enter(Packets.TCP, null);
        long data = Integer.toUnsignedLong(bench.memory.getInt(bench.context()));
        assertEquals(bench.run.packet().start(), data);
        assertArrayEquals(Packets.TCP, bench.memory.read(data, Packets.TCP.length));
    }

    @Test
    void bigEndianProgramsSeeTheirOrder() {
        Bench bench =
                new Bench(ProgramType.SCHED_CLS, ByteOrder.BIG_ENDIAN, Environment.DEFAULT, null);
        bench.enter(Packets.TCP, null);
        assertEquals(0x0800, bench.memory.getInt(bench.context() + SkBuff.PROTOCOL));
        assertEquals(87, bench.memory.getInt(bench.context()));
    }

    @Test
    void argumentsComeAsNumbersOrBytes() {
        Bench bench = new Bench(ProgramType.RAW_TRACEPOINT);
        RunInput input = new RunInput(null, null, new long[] {5, -1}, 1, 0);
        long r1 = ProgramContexts.of(ProgramType.RAW_TRACEPOINT).enter(bench.run, input);
        assertEquals(-1, bench.memory.getLong(r1 + 8));
        assertEquals(16, bench.run.context().size());
        RunInput probe = new RunInput(null, null, new long[] {7}, 1, 0);
        long regs = ProgramContexts.of(ProgramType.KPROBE).enter(bench.run, probe);
        assertEquals(7, bench.memory.getLong(regs + 112));
    }

    @Test
    void untypedMemoryHasItsLengthInR2() {
        Bench bench = new Bench(ProgramType.UNSPEC).enter(new byte[] {1, 2, 3}, null);
        assertEquals(3, ProgramContexts.of(ProgramType.UNSPEC).second(bench.run));
        assertArrayEquals(new byte[] {1, 2, 3}, bench.leave(0).dataOut());
    }

    @Test
    void flowKeysComeBack() {
        Bench bench = new Bench(ProgramType.FLOW_DISSECTOR).enter(Packets.TCP, null);
        long keys = bench.memory.getLong(bench.context() + SkBuff.FLOW_KEYS);
        bench.memory.putByte(keys + 9, (byte) 6);
        byte[] out = bench.leave(0).dataOut();
        assertEquals(56, out.length);
        assertArrayEquals(new byte[] {14, 0, 14, 0}, Arrays.copyOf(out, 4));
        assertEquals(6, out[9]);
    }

    @Test
    void packetLoads() {
        Bench bench = new Bench(ProgramType.SOCKET_FILTER).enter(Packets.TCP, null);
        assertEquals(0x45, PacketLoad.load(bench.run, 0, 1));
        assertEquals(0x45000049L, PacketLoad.load(bench.run, 0, 4));
        assertEquals(0x0800, PacketLoad.load(bench.run, -0x200000 + 12, 2));
        assertEquals(0xc0a80102L, PacketLoad.load(bench.run, -0x100000 + 16, 4));
        assertEquals(PacketLoad.OUT_OF_BOUNDS, PacketLoad.load(bench.run, 70, 4));
        assertEquals(PacketLoad.OUT_OF_BOUNDS, PacketLoad.load(bench.run, -0x1000, 4));
        assertEquals(PacketLoad.OUT_OF_BOUNDS, PacketLoad.load(bench.run, Integer.MIN_VALUE, 4));
        assertEquals(PacketLoad.OUT_OF_BOUNDS, PacketLoad.load(bench.run, Integer.MAX_VALUE, 4));
    }

    @Test
    void packetsTooShortAreUsageErrors() {
        Bench bench = new Bench(ProgramType.XDP);
        BpfException e = assertThrows(BpfException.class, () -> bench.enter(new byte[13], null));
        assertEquals(Failure.USAGE, e.failure());
    }
}

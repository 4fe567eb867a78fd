package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.launcher.engine.BatchResult;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.pcap.Captures;
import org.trufflebpf.launcher.pcap.PacketReader;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Captures go through a program batch by batch; a stand-in for the program drops packets that start
 * with 0.
 */
class PcapRunTest {
    private static final int MAGIC = 0xa1b2c3d4;
    private static final int OUT_ROOM = (256 << 10) + 8;

    /** Doubles the first byte of a packet that passes, and appends a byte. */
    private static BatchResult program(ByteBuffer in, int count, ByteBuffer out) {
        assertEquals(ByteOrder.LITTLE_ENDIAN, in.order());
        assertTrue(in.isDirect());
        int position = 0;
        int done = 0;
        int written = 0;
        long[] packets = new long[2];
        long[] bytes = new long[2];
        while (done < count && (out == null || out.capacity() - written >= OUT_ROOM)) {
            int length = in.getInt(position);
            byte[] data = new byte[length];
            in.get(position + 4, data);
            position += 4 + length;
            int verdict = data[0] == 0 ? 0 : 1;
            packets[verdict]++;
            bytes[verdict] += length;
            done++;
            if (out != null) {
                data = Arrays.copyOf(data, length + 1);
                data[0] = (byte) (data[0] * 2);
                out.putInt(written, verdict == 0 ? 1 : 2).putInt(written + 4, data.length);
                out.put(written + 8, data);
                written += 8 + data.length;
            }
        }
        assertEquals(done == count, position == in.limit());
        return new BatchResult(
                done,
                position,
                written,
                List.of(
                        new BatchResult.Count(1, "XDP_DROP", packets[0], bytes[0]),
                        new BatchResult.Count(2, "XDP_PASS", packets[1], bytes[1])),
                List.of(),
                List.of());
    }

    private static PcapRun newRun() {
        return new PcapRun(
                PcapRunTest::program, "xdp", new Progress(new TestIo("").io(), -1), batch -> true);
    }

    private static PacketCounts run(byte[] capture, Path out) throws EbpfRunException {
        PcapRun run = newRun();
        run.run(new ByteArrayInputStream(capture), "c.pcap", out == null ? null : out.toString());
        return run.counts();
    }

    private static Captures packets(int count, int length) {
        Captures captures = new Captures(ByteOrder.LITTLE_ENDIAN).pcapHeader(MAGIC, 1);
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[length];
            data[0] = (byte) (i % 3);
            captures.pcapPacket(i, 0, length + 100, data);
        }
        return captures;
    }

    @Test
    void verdictsOfManyBatchesAddUp() throws EbpfRunException {
        PacketCounts counts = run(packets(9000, 60).toBytes(), null);
        assertEquals(9000, counts.packets());
        assertEquals(9000 * 60, counts.bytes());
        assertEquals("XDP_PASS", counts.rows().get(0).label());
        assertEquals(6000, counts.rows().get(0).packets());
        assertEquals(3000 * 60, counts.rows().get(1).bytes());
    }

    @Test
    void packetsLargerThanMostFillSeveralBatches() throws EbpfRunException {
        assertEquals(30, run(packets(30, PacketReader.MAX_PACKET).toBytes(), null).packets());
    }

    @Test
    void passingPacketsAreWrittenAsTheProgramLeavesThem(@TempDir Path directory) throws Exception {
        Path out = directory.resolve("out.pcap");
        run(packets(9000, 1000).toBytes(), out);
        try (InputStream stream = Files.newInputStream(out)) {
            PacketReader reader = PacketReader.open(stream);
            for (int i = 0; i < 9000; i++) {
                if (i % 3 != 0) {
                    assertTrue(reader.next());
                    byte[] expected = new byte[1001];
                    expected[0] = (byte) (i % 3 * 2);
                    ByteBuffer data = ByteBuffer.allocate(reader.capturedLength());
                    assertEquals(1101, reader.originalLength());
                    assertEquals(i * 1_000_000_000L, reader.timestampNs());
                    reader.take(data);
                    assertArrayEquals(expected, data.array());
                }
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void packetsBeforeADefectAreRun() {
        byte[] whole = packets(10, 60).toBytes();
        for (int length = 24; length < whole.length; length++) {
            PcapRun run = newRun();
            InputStream cut = new ByteArrayInputStream(whole, 0, length);
            int packets = (length - 24) / 76;
            if ((length - 24) % 76 == 0) {
                assertEquals(packets, counted(run, cut));
            } else {
                EbpfRunException e =
                        assertThrows(EbpfRunException.class, () -> run.run(cut, "c.pcap", null));
                assertTrue(e.getMessage().startsWith("c.pcap: offset "), e.getMessage());
                assertEquals(1, e.phase().status());
                assertEquals(packets, run.counts().packets());
            }
        }
    }

    private static long counted(PcapRun run, InputStream capture) {
        try {
            run.run(capture, "c.pcap", null);
        } catch (EbpfRunException e) {
            throw new AssertionError(e);
        }
        return run.counts().packets();
    }

    @Test
    void endsWhenNobodyListens() throws EbpfRunException {
        PcapRun run =
                new PcapRun(
                        PcapRunTest::program,
                        "xdp",
                        new Progress(new TestIo("").io(), -1),
                        batch -> false);
        run.run(new ByteArrayInputStream(packets(9000, 60).toBytes()), "c.pcap", null);
        assertEquals(4096, run.counts().packets());
    }

    @Test
    void linkTypesDoNotMixInOnePcap(@TempDir Path directory) {
        byte[] capture =
                new Captures(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .describeInterface(1, 0, new byte[0])
                        .describeInterface(101, 0, new byte[0])
                        .enhancedPacket(0, 0, 1, new byte[] {1})
                        .enhancedPacket(1, 0, 1, new byte[] {1})
                        .toBytes();
        Path out = directory.resolve("out.pcap");
        String message = assertThrows(EbpfRunException.class, () -> run(capture, out)).getMessage();
        assertTrue(message.contains("packets of 1 and 101"), message);
    }

    @Test
    void whatPcapOutKeeps() {
        assertEquals(60, Verdicts.kept("xdp", "XDP_TX", 3, 60));
        assertEquals(-1, Verdicts.kept("xdp", "XDP_DROP", 1, 60));
        assertEquals(60, Verdicts.kept("sched_cls", "TC_ACT_UNSPEC", 0xffff_ffffL, 60));
        assertEquals(-1, Verdicts.kept("sched_cls", "TC_ACT_SHOT", 2, 60));
        assertEquals(-1, Verdicts.kept("socket_filter", null, 0, 60));
        assertEquals(20, Verdicts.kept("socket_filter", null, 20, 60));
        assertEquals(60, Verdicts.kept("socket_filter", null, 0xffff_ffffL, 60));
        assertEquals(60, Verdicts.kept("syscall", null, 0, 60));
    }

    @Test
    void memoryStaysTheSameForAnyNumberOfReturnValues() throws IOException {
        PacketCounts counts = new PacketCounts();
        for (int i = 0; i < 5000; i++) {
            counts.add(new BatchResult.Count(i, null, 1, 1));
        }
        assertEquals(5000, counts.packets());
        assertEquals(1001, counts.rows().size());
        assertEquals("other", counts.rows().getFirst().label());
        assertEquals(4000, counts.rows().getFirst().packets());
    }
}

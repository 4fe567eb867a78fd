package org.trufflebpf.launcher.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Both formats, both byte orders, each unit of time, and captures that lie. */
class PacketReaderTest {
    private static final byte[] FIRST = {1, 2, 3, 4, 5};
    private static final byte[] SECOND = {6, 7, 8, 9, 10, 11, 12, 13};
    private static final byte[] NO_OPTIONS = {};

    @SuppressWarnings("ArrayRecordComponent")
    private record Packet(byte[] data, long originalLength, long timestampNs, int linkType) {}

    private static List<Packet> read(InputStream stream) throws IOException {
        PacketReader reader = PacketReader.open(stream);
        List<Packet> packets = new ArrayList<>();
        while (reader.next()) {
            ByteBuffer data = ByteBuffer.allocate(reader.capturedLength());
            reader.take(data);
            packets.add(
                    new Packet(
                            data.array(),
                            reader.originalLength(),
                            reader.timestampNs(),
                            reader.linkType()));
        }
        return packets;
    }

    private static List<Packet> read(byte[] capture) throws IOException {
        return read(new ByteArrayInputStream(capture));
    }

    private static String refusal(byte[] capture) {
        return assertThrows(PcapException.class, () -> read(capture)).getMessage();
    }

    private static ByteOrder order(String name) {
        return name.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    private static byte[] pcap(ByteOrder order, int magic) {
        return new Captures(order)
                .pcapHeader(magic, 1)
                .pcapPacket(7, 8, 5, FIRST)
                .pcapPacket(0xffff_fff0, 9, 1500, SECOND)
                .toBytes();
    }

    private static byte[] pcapng(ByteOrder order) {
        Captures captures = new Captures(order);
        return captures.section()
                .describeInterface(1, 0, NO_OPTIONS)
                .describeInterface(101, 4, captures.option(9, new byte[] {9}))
                .block(0xbad, ByteBuffer.allocate(400))
                .enhancedPacket(0, 7_000_008, 5, FIRST)
                .enhancedPacket(1, 5_000_000_006L, 1500, SECOND)
                .obsoletePacket(0, 1_000_000, FIRST)
                .simplePacket(5, FIRST)
                .toBytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"big", "little"})
    void readsPcapWithMicroseconds(String order) throws IOException {
        List<Packet> packets = read(pcap(order(order), PcapReader.MICROSECONDS));
        assertEquals(2, packets.size());
        assertArrayEquals(FIRST, packets.get(0).data);
        assertEquals(7_000_008_000L, packets.get(0).timestampNs);
        assertEquals(5, packets.get(0).originalLength);
        assertEquals(1, packets.get(0).linkType);
        assertArrayEquals(SECOND, packets.get(1).data);
        assertEquals(0xffff_fff0L * 1_000_000_000 + 9_000, packets.get(1).timestampNs);
        assertEquals(1500, packets.get(1).originalLength);
    }

    @ParameterizedTest
    @ValueSource(strings = {"big", "little"})
    void readsPcapWithNanoseconds(String order) throws IOException {
        assertEquals(
                7_000_000_008L,
                read(pcap(order(order), PcapReader.NANOSECONDS)).getFirst().timestampNs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"big", "little"})
    void readsPcapng(String order) throws IOException {
        List<Packet> packets = read(pcapng(order(order)));
        assertEquals(4, packets.size());
        assertArrayEquals(FIRST, packets.get(0).data);
        assertEquals(7_000_008_000L, packets.get(0).timestampNs);
        assertEquals(1, packets.get(0).linkType);
        assertArrayEquals(SECOND, packets.get(1).data);
        assertEquals(5_000_000_006L, packets.get(1).timestampNs);
        assertEquals(1500, packets.get(1).originalLength);
        assertEquals(101, packets.get(1).linkType);
        assertEquals(1_000_000_000, packets.get(2).timestampNs);
        assertArrayEquals(FIRST, packets.get(3).data);
    }

    @Test
    void sectionsChangeByteOrderAndInterfaces() throws IOException {
        byte[] big = pcapng(ByteOrder.BIG_ENDIAN);
        byte[] little = pcapng(ByteOrder.LITTLE_ENDIAN);
        byte[] both = Arrays.copyOf(big, big.length + little.length);
        System.arraycopy(little, 0, both, big.length, little.length);
        assertEquals(8, read(both).size());
    }

    @Test
    void simplePacketIsCutAtTheSnapLength() throws IOException {
        byte[] capture =
                new Captures(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .describeInterface(1, 4, NO_OPTIONS)
                        .simplePacket(5, FIRST)
                        .toBytes();
        assertArrayEquals(new byte[] {1, 2, 3, 4}, read(capture).getFirst().data);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 9, 12, 19, 0x80, 0x80 + 10, 0x80 + 32, 0x80 + 63})
    void timeResolutions(int resolution) throws IOException {
        Captures captures = new Captures(ByteOrder.LITTLE_ENDIAN);
        byte[] capture =
                captures.section()
                        .describeInterface(1, 0, captures.option(9, new byte[] {(byte) resolution}))
                        .enhancedPacket(
                                0,
                                resolution >= 0x80 ? 1L << (resolution & 63) : pow10(resolution),
                                5,
                                FIRST)
                        .toBytes();
        assertEquals(1_000_000_000, read(capture).getFirst().timestampNs, "one second");
    }

    private static long pow10(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }

    @Test
    void timeOffsetIsAdded() throws IOException {
        Captures captures = new Captures(ByteOrder.BIG_ENDIAN);
        byte[] capture =
                captures.section()
                        .describeInterface(
                                1, 0, captures.option(14, new byte[] {0, 0, 0, 0, 0, 0, 0, 100}))
                        .enhancedPacket(0, 1_000_000, 5, FIRST)
                        .toBytes();
        assertEquals(101_000_000_000L, read(capture).getFirst().timestampNs);
    }

    @Test
    void emptyCapturesHoldNoPacket() throws IOException {
        assertTrue(
                read(new Captures(ByteOrder.BIG_ENDIAN)
                                .pcapHeader(PcapReader.MICROSECONDS, 1)
                                .toBytes())
                        .isEmpty());
        assertTrue(read(new Captures(ByteOrder.BIG_ENDIAN).section().toBytes()).isEmpty());
    }

    @Test
    void packetsThatAreNotTakenArePassedOver() throws IOException {
        for (byte[] capture :
                List.of(
                        pcap(ByteOrder.BIG_ENDIAN, PcapReader.MICROSECONDS),
                        pcapng(ByteOrder.BIG_ENDIAN))) {
            PacketReader reader = PacketReader.open(new ByteArrayInputStream(capture));
            assertTrue(reader.next());
            assertTrue(reader.next());
            ByteBuffer data = ByteBuffer.allocate(100);
            reader.take(data);
            assertArrayEquals(SECOND, Arrays.copyOf(data.array(), data.position()));
        }
    }

    @Test
    void streamsThatDeliverByteByByteAreRead() throws IOException {
        byte[] capture = pcapng(ByteOrder.LITTLE_ENDIAN);
        InputStream slow =
                new ByteArrayInputStream(capture) {
                    @Override
                    public synchronized int read(byte[] target, int offset, int length) {
                        return super.read(target, offset, Math.min(length, 1));
                    }
                };
        assertEquals(4, read(slow).size());
    }

    @Test
    void cutAtEveryByteEndsInAPacketLessOrAMessageWithTheOffset() throws IOException {
        for (byte[] whole :
                List.of(
                        pcap(ByteOrder.LITTLE_ENDIAN, PcapReader.MICROSECONDS),
                        pcap(ByteOrder.BIG_ENDIAN, PcapReader.NANOSECONDS),
                        pcapng(ByteOrder.LITTLE_ENDIAN),
                        pcapng(ByteOrder.BIG_ENDIAN))) {
            int ends = 0;
            int packets = read(whole).size();
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                try {
                    assertTrue(read(cut).size() <= packets);
                    ends++;
                } catch (PcapException e) {
                    assertTrue(e.getMessage().startsWith("offset "), e.getMessage());
                    assertTrue(e.getMessage().contains("ends inside"), e.getMessage());
                }
            }
            assertTrue(
                    ends < 12, "only cuts between packets or blocks may go unnoticed, not " + ends);
        }
    }

    @Test
    void flippedBitsNeverEndInAnythingButAMessage() throws IOException {
        Random random = new Random(1);
        for (byte[] whole :
                List.of(
                        pcap(ByteOrder.LITTLE_ENDIAN, PcapReader.MICROSECONDS),
                        pcapng(ByteOrder.LITTLE_ENDIAN))) {
            for (int i = 0; i < whole.length * 8; i++) {
                byte[] flipped = whole.clone();
                flipped[i / 8] ^= (byte) (1 << i % 8);
                for (int more = random.nextInt(3); more > 0; more--) {
                    flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                }
                try {
                    read(flipped);
                } catch (PcapException e) {
                    assertTrue(e.getMessage().startsWith("offset "), e.getMessage());
                }
            }
        }
    }

    @Test
    void hostileLengthsAreRefused() {
        byte[] huge = pcap(ByteOrder.LITTLE_ENDIAN, PcapReader.MICROSECONDS);
        ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(32, -1);
        assertEquals(
                "offset 24: a packet of 4294967295 bytes, expected at most 262144", refusal(huge));

        byte[] block = pcapng(ByteOrder.BIG_ENDIAN);
        ByteBuffer.wrap(block).putInt(28 + 4, 0x7fff_fffe);
        assertEquals(
                "offset 28: a block of 2147483646 bytes, expected a multiple of 4 from 12",
                refusal(block));

        ByteBuffer.wrap(block).putInt(28 + 4, 0x7fff_fffc);
        assertTrue(refusal(block).contains("ends inside a block"), refusal(block));
    }

    @Test
    void otherFilesAreNamed() {
        assertTrue(refusal(new byte[] {0x1f, (byte) 0x8b, 8, 0}).contains("gunzip"));
        assertEquals(
                "offset 0: neither pcap nor pcapng: the magic number is 0x7f454c46",
                refusal(new byte[] {0x7f, 'E', 'L', 'F'}));
        assertFalse(refusal(NO_OPTIONS).isEmpty());
    }

    @Test
    void packetOfAnInterfaceThatNobodyDescribed() {
        byte[] capture =
                new Captures(ByteOrder.LITTLE_ENDIAN)
                        .section()
                        .enhancedPacket(0, 0, 5, FIRST)
                        .toBytes();
        assertEquals("offset 28: a packet of interface 0, but 0 are described", refusal(capture));
    }

    @Test
    void largestPacketsPassThrough() throws IOException {
        byte[] largest = new byte[PacketReader.MAX_PACKET];
        new Random(1).nextBytes(largest);
        Captures captures =
                new Captures(ByteOrder.LITTLE_ENDIAN).pcapHeader(PcapReader.MICROSECONDS, 1);
        for (int i = 0; i < 9; i++) {
            captures.pcapPacket(i, 0, largest.length, largest);
        }
        List<Packet> packets = read(captures.toBytes());
        assertEquals(9, packets.size());
        assertArrayEquals(largest, packets.getLast().data);
    }
}

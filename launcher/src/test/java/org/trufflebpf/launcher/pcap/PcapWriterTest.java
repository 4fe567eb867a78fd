package org.trufflebpf.launcher.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What is written reads back, here and in tcpdump. */
class PcapWriterTest {
    private static final byte[] PACKET = {
        2,
        0,
        0,
        0,
        0,
        1,
        2,
        0,
        0,
        0,
        0,
        2,
        8,
        0,
        0x45,
        0,
        0,
        28,
        0,
        0,
        0,
        0,
        64,
        17,
        0,
        0,
        10,
        0,
        0,
        1,
        10,
        0,
        0,
        2,
        0,
        53,
        0x13,
        (byte) 0x88,
        0,
        8,
        0,
        0
    };

    private static byte[] capture() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(bytes, 1)) {
            ByteBuffer packets = ByteBuffer.allocateDirect(100).put(10, PACKET);
            writer.write(5_000_000_006L, 1500, packets, 10, PACKET.length);
        }
        return bytes.toByteArray();
    }

    @Test
    void writtenPacketReadsBack() throws IOException {
        PacketReader reader = PacketReader.open(new ByteArrayInputStream(capture()));
        assertTrue(reader.next());
        assertEquals(5_000_000_006L, reader.timestampNs());
        assertEquals(1500, reader.originalLength());
        assertEquals(1, reader.linkType());
        ByteBuffer data = ByteBuffer.allocate(reader.capturedLength());
        reader.take(data);
        assertArrayEquals(PACKET, data.array());
        assertFalse(reader.next());
    }

    @Test
    void tcpdumpReadsIt(@TempDir Path directory) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("out.pcap"), capture());
        Process process;
        try {
            process =
                    new ProcessBuilder("tcpdump", "-nn", "--nano", "-tt", "-r", file.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "tcpdump is not installed");
            return;
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertTrue(text.contains("5.000000006 IP 10.0.0.1.53 > 10.0.0.2.5000"), text);
    }
}

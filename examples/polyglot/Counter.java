import org.trufflebpf.api.BpfBatch;
import org.trufflebpf.api.BpfObject;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Counts the packets of a capture with the BPF program xdp_counter, from Java. */
final class Counter {
    /** The key's enum, and the value's struct. */
    enum Protocol {
        OTHER,
        ARP,
        ICMP,
        ICMPV6,
        TCP,
        UDP
    }

    record Traffic(long packets, long bytes) {}

    public static void main(String[] args) throws IOException {
        try (BpfObject object = BpfObject.open(Path.of("examples/xdp_counter.o"))) {
            BpfBatch batch = object.program("count").runAll(packets(Path.of("examples/http.pcap")));
            System.out.println(batch.counts());
            Map<Protocol, Traffic> counters =
                    object.map("counters").view(Protocol.class, Traffic.class);
            counters.forEach((protocol, traffic) -> System.out.println(protocol + " " + traffic));
        }
    }

    /** A capture: 24 bytes, then for each packet 16 bytes (its length at 8) and the packet. */
    private static List<byte[]> packets(Path capture) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(capture)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> packets = new ArrayList<>();
        bytes.position(24);
        while (bytes.hasRemaining()) {
            byte[] packet = new byte[bytes.getInt(bytes.position() + 8)];
            bytes.position(bytes.position() + 16).get(packet);
            packets.add(packet);
        }
        return packets;
    }
}

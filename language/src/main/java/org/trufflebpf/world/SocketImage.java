package org.trufflebpf.world;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.world.WorldSpec.SocketSpec;

import java.util.ArrayList;
import java.util.List;

/**
 * A socket in the structures of the user-space interface.
 *
 * @param sock address of its {@code struct bpf_sock}
 * @param tcpSock address of its {@code struct bpf_tcp_sock}
 */
record SocketImage(long sock, long tcpSock) {
    /** {@code sizeof(struct bpf_sock)}. */
    static final int SOCK_SIZE = 80;

    /**
     * The fields of {@code struct bpf_tcp_sock} in their order, those of 64 bits with {@code :8}.
     */
    private static final String TCP_SOCK =
            "snd_cwnd srtt_us rtt_min snd_ssthresh rcv_nxt snd_nxt snd_una mss_cache ecn_flags"
                + " rate_delivered rate_interval_us packets_out retrans_out total_retrans segs_in"
                + " data_segs_in segs_out data_segs_out lost_out sacked_out bytes_received:8"
                + " bytes_acked:8 dsack_dups delivered delivered_ce icsk_retransmits";

    private static final int TCP_SOCK_SIZE = 112;

    static SocketImage create(Socket socket, Memory memory) {
        Region sock =
                memory.allocate(
                        Region.Kind.KERNEL, "bpf_sock " + socket.spec().name(), SOCK_SIZE, false);
        SocketSpec spec = socket.spec();
        long at = sock.start();
        memory.putInt(at, spec.ifindex());
        memory.putInt(at + 4, socket.isV6() ? 10 : 2);
        memory.putInt(at + 8, socket.isTcp() ? 1 : 2);
        memory.putInt(at + 12, spec.protocol());
        memory.putInt(at + 16, spec.mark());
        memory.putInt(at + 20, spec.priority());
        memory.write(at + (socket.isV6() ? 28 : 24), spec.local().address().bytes());
        memory.putInt(at + 44, spec.local().port());
        putPort(memory, at + 48, spec.remote().port());
        memory.write(at + (socket.isV6() ? 56 : 52), spec.remote().address().bytes());
        memory.putInt(at + 72, spec.state());
        memory.putInt(at + 76, -1);
        Region tcp =
                memory.allocate(
                        Region.Kind.KERNEL, "bpf_tcp_sock " + spec.name(), TCP_SOCK_SIZE, false);
        if (spec.tcp() != null) {
            fillTcp(memory, tcp.start(), spec);
        }
        return new SocketImage(sock.start(), tcp.start());
    }

    /** A {@code __be16}. */
    private static void putPort(Memory memory, long address, int port) {
        memory.putByte(address, (byte) (port >>> 8));
        memory.putByte(address + 1, (byte) port);
    }

    private static void fillTcp(Memory memory, long start, SocketSpec spec) {
        List<String> known = new ArrayList<>();
        int offset = 0;
        for (String field : TCP_SOCK.split(" ")) {
            boolean wide = field.endsWith(":8");
            String name = wide ? field.substring(0, field.length() - 2) : field;
            known.add(name);
            JsonValue value = spec.tcp().members().get(name);
            if (value != null && wide) {
                memory.putLong(start + offset, JsonFields.bits(value));
            } else if (value != null) {
                memory.putInt(start + offset, (int) JsonFields.number(value, 0, 0xffff_ffffL));
            }
            offset += wide ? 8 : 4;
        }
        for (String name : spec.tcp().members().keySet()) {
            if (!known.contains(name)) {
                throw BpfException.usage(
                        spec.tcp().members().get(name).place()
                                + ": struct bpf_tcp_sock has no field '"
                                + name
                                + "'");
            }
        }
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Socket;

import java.util.Map;

/**
 * Helpers that make and check SYN cookies. Those with a socket do so only for a listener whose
 * queue has overflowed, which none of the simulated environment has.
 */
final class SyncookieHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final int TCP_HEADER = 20;
    private static final int FLAGS = 13;
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;
    private static final int RST = 0x04;
    private static final int FIN = 0x01;

    /** {@code TCP_MSS_DEFAULT} and what is left of IPv6's least MTU. */
    private static final int DEFAULT_MSS_V4 = 536;

    private static final int DEFAULT_MSS_V6 = 1280 - 60;
    private static final int OPTION_MSS = 2;

    private SyncookieHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "tcp_raw_gen_syncookie_ipv4",
                (run, ip, tcp, size, r4, r5) -> make(run, ip, tcp, (int) size, false));
        all.put(
                "tcp_raw_gen_syncookie_ipv6",
                (run, ip, tcp, size, r4, r5) -> make(run, ip, tcp, (int) size, true));
        all.put(
                "tcp_raw_check_syncookie_ipv4",
                (run, ip, tcp, r3, r4, r5) -> check(run, ip, tcp, false));
        all.put(
                "tcp_raw_check_syncookie_ipv6",
                (run, ip, tcp, r3, r4, r5) -> check(run, ip, tcp, true));
        all.put("tcp_gen_syncookie", SyncookieHelpers::makeFor);
        all.put("tcp_check_syncookie", SyncookieHelpers::checkFor);
    }

    private static Syncookies.Flow flow(Memory memory, long ip, long tcp, boolean v6) {
        byte[] addresses = memory.read(ip + (v6 ? 8 : 12), v6 ? 32 : 8);
        return new Syncookies.Flow(addresses, NetworkBytes.getInt(memory, tcp));
    }

    private static long make(Run run, long ip, long tcp, int size, boolean v6) {
        Memory memory = run.memory();
        if (size < TCP_HEADER || size != headerLength(memory, tcp)) {
            return INVALID;
        }
        int[] sizes = v6 ? Syncookies.MSS_V6 : Syncookies.MSS_V4;
        int mss = mss(memory, tcp, size);
        int index = Syncookies.index(sizes, mss != 0 ? mss : v6 ? DEFAULT_MSS_V6 : DEFAULT_MSS_V4);
        int cookie =
                new Syncookies(run.machine())
                        .make(
                                flow(memory, ip, tcp, v6),
                                NetworkBytes.getInt(memory, tcp + 4),
                                index);
        return Integer.toUnsignedLong(cookie) | ((long) sizes[index] << 32);
    }

    private static int headerLength(Memory memory, long tcp) {
        return ((memory.getByte(tcp + 12) & 0xff) >>> 4) * 4;
    }

    /** The segment size that a SYN's options name, or 0. */
    private static int mss(Memory memory, long tcp, int size) {
        int at = TCP_HEADER;
        while (at < size) {
            int kind = memory.getByte(tcp + at) & 0xff;
            if (kind == 0) {
                return 0;
            }
            if (kind == 1) {
                at++;
                continue;
            }
            if (at + 1 >= size) {
                return 0;
            }
            int length = memory.getByte(tcp + at + 1) & 0xff;
            if (length < 2 || length > size - at) {
                return 0;
            }
            if (kind == OPTION_MSS && length == 4) {
                return NetworkBytes.getShort(memory, tcp + at + 2) & 0xffff;
            }
            at += length;
        }
        return 0;
    }

    private static long check(Run run, long ip, long tcp, boolean v6) {
        Memory memory = run.memory();
        int cookie = NetworkBytes.getInt(memory, tcp + 8) - 1;
        int sequence = NetworkBytes.getInt(memory, tcp + 4) - 1;
        int data = new Syncookies(run.machine()).check(flow(memory, ip, tcp, v6), cookie, sequence);
        int known = (v6 ? Syncookies.MSS_V6 : Syncookies.MSS_V4).length;
        return data >= 0 && data < known ? 0 : Errno.EACCES.negative();
    }

    private static long makeFor(
            Run run, long address, long ip, long ipSize, long tcp, long tcpSize) {
        Memory memory = run.memory();
        if (tcpSize < TCP_HEADER || tcpSize != headerLength(memory, tcp)) {
            return INVALID;
        }
        Socket socket = Sockets.at(run, address);
        if (socket == null || !socket.isTcp() || !socket.isListening()) {
            return INVALID;
        }
        int flags = memory.getByte(tcp + FLAGS);
        if ((flags & SYN) == 0 || (flags & (ACK | FIN | RST)) != 0) {
            return INVALID;
        }
        return Errno.ENOENT.negative();
    }

    private static long checkFor(
            Run run, long address, long ip, long ipSize, long tcp, long tcpSize) {
        if (tcpSize < TCP_HEADER) {
            return INVALID;
        }
        Socket socket = Sockets.at(run, address);
        if (socket == null || !socket.isTcp() || !socket.isListening()) {
            return INVALID;
        }
        return Errno.ENOENT.negative();
    }
}

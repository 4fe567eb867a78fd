package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.Packet.Tunnel;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Arrays;
import java.util.Map;

/**
 * Helpers on the tunnel that a packet came through or is to go through. Setting a key prepares the
 * packet for sending; what is read afterwards is that, seen from the other end, as in the kernel.
 */
final class TunnelHelpers {
    private static final long INVALID = Errno.EINVAL.negative();

    // struct bpf_tunnel_key
    private static final int REMOTE = 4;
    private static final int EXT = 22;
    private static final int LABEL = 24;
    private static final int LOCAL = 28;
    private static final int SIZE = 44;

    // BPF_F_*
    private static final int IPV6 = 1;
    private static final int ZERO_CSUM = 2;
    private static final int DONT_FRAGMENT = 4;
    private static final int SEQ_NUMBER = 8;
    private static final int NO_TUNNEL_KEY = 16;
    private static final int WITH_FLAGS = 16;

    // TUNNEL_* of the wire
    private static final int FLAG_CSUM = 0x1;
    private static final int FLAG_KEY = 0x4;
    private static final int FLAG_SEQ = 0x8;
    private static final int FLAG_DONT_FRAGMENT = 0x100;
    private static final int FLAG_NOCACHE = 0x2000;
    private static final int MAX_OPTIONS = 255;
    private static final int LABEL_MASK = 0xfffff;

    private TunnelHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "skb_get_tunnel_key",
                (run, skb, to, size, flags, r5) -> getKey(run, to, (int) size, flags));
        all.put(
                "skb_set_tunnel_key",
                (run, skb, from, size, flags, r5) -> setKey(run, from, (int) size, flags));
        all.put(
                "skb_get_tunnel_opt",
                (run, skb, to, size, r4, r5) -> getOption(run, to, (int) size));
        all.put(
                "skb_set_tunnel_opt",
                (run, skb, from, size, r4, r5) -> setOption(run, from, (int) size));
        // no packet here came through IPsec
        all.put(
                "skb_get_xfrm_state",
                (run, skb, index, to, size, flags) -> {
                    run.memory().fill(to, size, (byte) 0);
                    return INVALID;
                });
    }

    /** Whether a size is that of an older form of the key. */
    private static boolean isOldSize(int size) {
        return size == LOCAL || size == LABEL || size == EXT || size == REMOTE + 4;
    }

    private static long setKey(Run run, long from, int size, long flags) {
        int known = IPV6 | ZERO_CSUM | DONT_FRAGMENT | SEQ_NUMBER | NO_TUNNEL_KEY;
        if ((flags & ~known) != 0 || (size != SIZE && !isOldSize(size))) {
            return INVALID;
        }
        byte[] key = Arrays.copyOf(run.memory().read(from, size), SIZE);
        boolean v6 = (flags & IPV6) != 0;
        if ((!v6 && !isZero(key, LABEL, 4)) || !isZero(key, EXT, 2)) {
            return INVALID;
        }
        int wire = FLAG_NOCACHE;
        wire |= (flags & ZERO_CSUM) == 0 ? FLAG_CSUM : 0;
        wire |= (flags & DONT_FRAGMENT) != 0 ? FLAG_DONT_FRAGMENT : 0;
        wire |= (flags & SEQ_NUMBER) != 0 ? FLAG_SEQ : 0;
        wire |= (flags & NO_TUNNEL_KEY) == 0 ? FLAG_KEY : 0;
        Packet.of(run).setTunnel(new Tunnel(key, v6, wire, new byte[0]));
        return 0;
    }

    private static boolean isZero(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static long getKey(Run run, long to, int size, long flags) {
        Memory memory = run.memory();
        Tunnel tunnel = Packet.of(run).tunnel();
        memory.fill(to, size, (byte) 0);
        if (tunnel == null || (flags & ~(IPV6 | WITH_FLAGS)) != 0) {
            return INVALID;
        }
        boolean v6 = (flags & IPV6) != 0;
        if (tunnel.v6() != v6) {
            return Errno.EPROTO.negative();
        }
        if (size != SIZE && (!isOldSize(size) || (size == REMOTE + 4 && v6))) {
            return INVALID;
        }
        byte[] key = tunnel.key().clone();
        // the other end's view: what was the local address is remote
        System.arraycopy(tunnel.key(), LOCAL, key, REMOTE, 16);
        System.arraycopy(tunnel.key(), REMOTE, key, LOCAL, 16);
        if (!v6) {
            Arrays.fill(key, REMOTE + 4, REMOTE + 16, (byte) 0);
            Arrays.fill(key, LOCAL + 4, LOCAL + 16, (byte) 0);
        }
        memory.write(to, key, 0, size);
        if (size > EXT && (flags & WITH_FLAGS) != 0) {
            NetworkBytes.putShort(memory, to + EXT, tunnel.flags());
        }
        if (v6 && size > LABEL) {
            memory.putInt(to + LABEL, memory.getInt(to + LABEL) & LABEL_MASK);
        }
        return 0;
    }

    private static long getOption(Run run, long to, int size) {
        Memory memory = run.memory();
        Tunnel tunnel = Packet.of(run).tunnel();
        memory.fill(to, size, (byte) 0);
        if (tunnel == null || tunnel.options().length == 0) {
            return Errno.ENOENT.negative();
        }
        if (size < tunnel.options().length) {
            return Errno.ENOMEM.negative();
        }
        memory.write(to, tunnel.options());
        return tunnel.options().length;
    }

    private static long setOption(Run run, long from, int size) {
        Packet packet = Packet.of(run);
        if (packet.tunnel() == null || (size & 3) != 0) {
            return INVALID;
        }
        if (size > MAX_OPTIONS) {
            return Errno.ENOMEM.negative();
        }
        packet.setTunnel(packet.tunnel().withOptions(run.memory().read(from, size)));
        return 0;
    }
}

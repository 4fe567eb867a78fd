package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * The hash of a packet's flow: the same for both directions, never 0. The kernel keys it with a
 * random number of its own, here it follows the machine's seed.
 */
final class FlowHash {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private FlowHash() {}

    /** {@code bpf_get_hash_recalc}: the hash that is set, else a new one. */
    static long recalculate(Run run, long skb) {
        Memory memory = run.memory();
        Packet packet = Packet.of(run);
        if (!packet.isHashed()) {
            int hash = compute(run, packet, memory.getInt(skb + SkBuff.PROTOCOL));
            memory.putInt(skb + SkBuff.HASH, hash);
            packet.setHashed(true);
        }
        return memory.getInt(skb + SkBuff.HASH) & 0xffff_ffffL;
    }

    private static int compute(Run run, Packet packet, int protocol) {
        Memory memory = run.memory();
        long header = packet.networkHeader();
        int type = NetworkBytes.raw(memory, protocol);
        long hash = mix(run.machine().environment().seed(), type);
        long transport = 0;
        int next = -1;
        if (type == EtherType.IP && header + 20 <= packet.end()) {
            hash = mix(hash, symmetric(sum(memory, header + 12, 4), sum(memory, header + 16, 4)));
            next = Byte.toUnsignedInt(memory.getByte(header + 9));
            boolean fragment = (NetworkBytes.getShort(memory, header + 6) & 0x3fff) != 0;
            transport = fragment ? 0 : header + 4L * (memory.getByte(header) & 15);
        } else if (type == EtherType.IPV6 && header + 40 <= packet.end()) {
            hash = mix(hash, symmetric(sum(memory, header + 8, 16), sum(memory, header + 24, 16)));
            next = Byte.toUnsignedInt(memory.getByte(header + 6));
            transport = header + 40;
        }
        hash = mix(hash, next);
        if (transport != 0 && (next == TCP || next == UDP) && transport + 4 <= packet.end()) {
            hash = mix(hash, symmetric(sum(memory, transport, 2), sum(memory, transport + 2, 2)));
        }
        int result = (int) (hash ^ hash >>> 32);
        return result == 0 ? 1 : result;
    }

    private static long sum(Memory memory, long address, int size) {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum = sum * 257 + memory.getByte(address + i);
        }
        return sum;
    }

    private static long symmetric(long first, long second) {
        return mix(Math.min(first, second), Math.max(first, second));
    }

    private static long mix(long hash, long value) {
        long z = (hash ^ value) + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

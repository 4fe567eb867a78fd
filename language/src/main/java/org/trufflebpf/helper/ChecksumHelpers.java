package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Checksums of packets. */
final class ChecksumHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long FAULT = Errno.EFAULT.negative();

    private static final long HDR_FIELD_MASK = 0xf;
    private static final long PSEUDO_HDR = 0x10;
    private static final long MARK_MANGLED_0 = 0x20;
    private static final long MARK_ENFORCE = 0x40;
    private static final long IPV6 = 0x80;
    private static final int MANGLED_0 = 0xffff;

    /** {@code SKB_MAX_CSUM_LEVEL}. */
    private static final int MAX_LEVEL = 3;

    private ChecksumHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("l3_csum_replace", ChecksumHelpers::replaceNetwork);
        all.put("l4_csum_replace", ChecksumHelpers::replaceTransport);
        // a test packet never has a checksum over all of it (CHECKSUM_COMPLETE)
        all.put("csum_update", (run, skb, csum, r3, r4, r5) -> Errno.ENOTSUPP.negative());
        all.put("csum_level", (run, skb, level, r3, r4, r5) -> level(Packet.of(run), level));
    }

    private static long replaceNetwork(
            Run run, long skb, long offset, long from, long to, long flags) {
        if ((flags & ~HDR_FIELD_MASK) != 0) {
            return INVALID;
        }
        long field = field(run, offset);
        if (field < 0) {
            return FAULT;
        }
        return replace(run.memory(), field, from, to, flags);
    }

    private static long replaceTransport(
            Run run, long skb, long offset, long from, long to, long flags) {
        if ((flags & ~(MARK_MANGLED_0 | MARK_ENFORCE | PSEUDO_HDR | HDR_FIELD_MASK | IPV6)) != 0) {
            return INVALID;
        }
        long field = field(run, offset);
        if (field < 0) {
            return FAULT;
        }
        Memory memory = run.memory();
        boolean mangle = (flags & MARK_MANGLED_0) != 0;
        if (mangle && (flags & MARK_ENFORCE) == 0 && memory.getShort(field) == 0) {
            return 0;
        }
        // inet_proto_csum_replace2 widens to 4 bytes
        long size = flags & HDR_FIELD_MASK;
        long result =
                replace(
                        memory,
                        field,
                        size == 2 ? from & 0xffff : from,
                        size == 2 ? to & 0xffff : to,
                        size == 2 ? 4 : flags);
        if (result == 0 && mangle && memory.getShort(field) == 0) {
            memory.putShort(field, (short) MANGLED_0);
        }
        return result;
    }

    /** The address of a checksum in the packet, or -1. */
    private static long field(Run run, long offset) {
        int at = (int) offset;
        return Integer.compareUnsigned(at, 0xffff) > 0 || (at & 1) != 0
                ? -1
                : Packet.of(run).at(at, 2);
    }

    private static long replace(Memory memory, long field, long from, long to, long flags) {
        int checksum = Short.toUnsignedInt(memory.getShort(field));
        int result;
        switch ((int) (flags & HDR_FIELD_MASK)) {
            case 0 -> {
                if (from != 0) {
                    return INVALID;
                }
                result = Checksum.replaceByDiff(checksum, (int) to);
            }
            case 2 -> result = Checksum.replace2(checksum, (int) from, (int) to);
            case 4 -> result = Checksum.replace4(checksum, (int) from, (int) to);
            default -> {
                return INVALID;
            }
        }
        memory.putShort(field, (short) result);
        return 0;
    }

    private static long level(Packet packet, long what) {
        int level = packet.checksumLevel();
        switch ((int) what) {
            case 0 -> { // BPF_CSUM_LEVEL_QUERY
                return level < 0 ? Errno.EACCES.negative() : level;
            }
            case 1 -> packet.setChecksumLevel(Math.min(level + 1, MAX_LEVEL)); // INC
            case 2 -> packet.setChecksumLevel(Math.max(level - 1, -1)); // DEC
            case 3 -> packet.setChecksumLevel(-1); // RESET
            default -> {
                return INVALID;
            }
        }
        return 0;
    }
}

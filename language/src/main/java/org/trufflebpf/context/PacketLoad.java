package org.trufflebpf.context;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;

/**
 * The loads of classic BPF ({@code LD_ABS}, {@code LD_IND}): a number in network byte order at an
 * offset in the packet. Offsets below 0 count from a header ({@code SKF_NET_OFF}, {@code
 * SKF_LL_OFF}); ancillary data ({@code SKF_AD_OFF}) is only for classic programs, whose translation
 * does not load it.
 */
public final class PacketLoad {
    /** What {@link #load} returns where there is no such byte: the program ends with r0 = 0. */
    public static final long OUT_OF_BOUNDS = -1;

    private static final int SKF_NET_OFF = -0x100000;
    private static final int SKF_LL_OFF = -0x200000;

    /** Headroom bytes that can be reached in front of the headers. */
    private static final int HEADROOM = 64;

    private PacketLoad() {}

    /**
     * Loads 1, 2 or 4 bytes.
     *
     * @param offset the instruction's immediate, for {@code LD_IND} plus the low 32 bits of the
     *     register
     * @return the number, zero-extended, or {@link #OUT_OF_BOUNDS}
     */
    public static long load(Run run, int offset, int size) {
        long address = address(run, offset, size);
        if (address < 0) {
            return OUT_OF_BOUNDS;
        }
        Memory memory = run.memory();
        return switch (size) {
            case 1 -> Byte.toUnsignedLong(memory.getByte(address));
            case 2 -> NetworkBytes.getShort(memory, address);
            default -> Integer.toUnsignedLong(NetworkBytes.getInt(memory, address));
        };
    }

    private static long address(Run run, int offset, int size) {
        Packet packet = Packet.of(run);
        if (packet == null) {
            Region memory = run.context();
            return memory.size() - size >= offset && offset >= 0 ? memory.start() + offset : -1;
        }
        if (offset >= 0) {
            return packet.at(offset, size);
        }
        if (offset < SKF_LL_OFF || packet.macHeader() == 0) {
            return -1;
        }
        long address =
                offset >= SKF_NET_OFF
                        ? packet.networkHeader() + (offset - SKF_NET_OFF)
                        : packet.macHeader() + (offset - SKF_LL_OFF);
        return address >= packet.macHeader() - HEADROOM && address + size <= packet.end()
                ? address
                : -1;
    }
}

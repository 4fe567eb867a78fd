package org.trufflebpf.verifier;

/**
 * Holds accesses to the bounds of what they lie in: memory of a known size, packets, buffers whose
 * size the program decides.
 */
final class BoundsCheck {
    private final Env env;

    BoundsCheck(Env env) {
        this.env = env;
    }

    /** Kernel: {@code check_mem_region_access}. */
    void region(int regno, Reg reg, int off, int size, int memSize, boolean zeroAllowed) {
        String name = "R" + regno;
        long min = reg.smin + off;
        if (reg.smin < 0 && (reg.smin == Long.MIN_VALUE || min != (int) min || min < 0)) {
            throw Env.refuse(
                    kindOf(reg),
                    name
                            + " min value is negative, either use unsigned index or do a if (index"
                            + " >=0) check.");
        }
        inBounds(regno, reg, min, size, memSize, zeroAllowed, "min");
        if (Long.compareUnsigned(reg.umax, Env.MAX_VAR_OFF) >= 0) {
            throw Env.refuse(
                    RefusalKind.UNBOUNDED,
                    name + " unbounded memory access, make sure to bounds check any such access");
        }
        inBounds(regno, reg, reg.umax + off, size, memSize, zeroAllowed, "max");
    }

    private static RefusalKind kindOf(Reg reg) {
        return switch (reg.type) {
            case MAP_VALUE -> RefusalKind.MAP_VALUE_BOUNDS;
            case PACKET, PACKET_META -> RefusalKind.PACKET_BOUNDS;
            default -> RefusalKind.MEMORY_BOUNDS;
        };
    }

    private void inBounds(
            int regno, Reg reg, long off, int size, int memSize, boolean zeroAllowed, String end) {
        boolean sizeOk = size > 0 || (size == 0 && zeroAllowed);
        if (off >= 0 && sizeOk && off + size <= Integer.toUnsignedLong(memSize)) {
            return;
        }
        String message =
                switch (reg.type) {
                    case MAP_KEY ->
                            "invalid access to map key, key_size="
                                    + memSize
                                    + " off="
                                    + off
                                    + " size="
                                    + size;
                    case MAP_VALUE ->
                            "invalid access to map value, value_size="
                                    + memSize
                                    + " off="
                                    + off
                                    + " size="
                                    + size;
                    case PACKET, PACKET_META ->
                            "invalid access to packet, off="
                                    + off
                                    + " size="
                                    + size
                                    + ", R"
                                    + regno
                                    + "(id="
                                    + reg.id
                                    + ",off="
                                    + reg.off
                                    + ",r="
                                    + reg.range
                                    + ")";
                    default ->
                            "invalid access to memory, mem_size="
                                    + Integer.toUnsignedString(memSize)
                                    + " off="
                                    + off
                                    + " size="
                                    + size;
                };
        env.log.line(message);
        String summary =
                reg.type.isPacket()
                        ? "R" + regno + " offset is outside of the packet"
                        : "R" + regno + " " + end + " value is outside of the allowed memory range";
        env.log.line(summary);
        throw Env.refuse(
                kindOf(reg),
                message,
                Advice.bounds(reg, off, size, Integer.toUnsignedLong(memSize)));
    }

    void packet(int regno, Reg reg, int off, int size, boolean zeroAllowed) {
        if (reg.smin < 0) {
            throw Env.refuse(
                    RefusalKind.PACKET_BOUNDS,
                    "R"
                            + regno
                            + " min value is negative, either use unsigned index or do a if (index"
                            + " >=0) check.");
        }
        if (reg.range < 0) {
            throw Env.refuse(
                    RefusalKind.PACKET_BOUNDS, "R" + regno + " offset is outside of the packet");
        }
        inBounds(regno, reg, off, size, reg.range, zeroAllowed, "max");
    }

    /** Of a buffer that is as long as the program needs it: only where it begins is known. */
    void buffer(int regno, Reg reg, int off, int size) {
        String kind =
                reg.type == RegType.TP_BUFFER
                        ? "tracepoint"
                        : reg.has(Reg.RDONLY) ? "rdonly" : "rdwr";
        if (off < 0) {
            throw Env.refuse(
                    RefusalKind.MEMORY_BOUNDS,
                    "R"
                            + regno
                            + " invalid "
                            + kind
                            + " buffer access: off="
                            + off
                            + ", size="
                            + size);
        }
        if (!reg.isConst() || reg.bits.value() != 0) {
            throw Env.refuse(
                    RefusalKind.MEMORY_BOUNDS,
                    "R"
                            + regno
                            + " invalid variable buffer offset: off="
                            + off
                            + ", var_off="
                            + reg.bits);
        }
    }
}

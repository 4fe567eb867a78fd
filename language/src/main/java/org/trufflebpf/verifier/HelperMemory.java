package org.trufflebpf.verifier;

import org.trufflebpf.verifier.HelperCheck.Meta;

/** Memory that helpers and kernel functions read and write, and its size in another argument. */
final class HelperMemory {
    private static final long MAX_VAR_SIZE = 1 << 29;

    private final Env env;
    private final MemoryCheck memory;

    HelperMemory(Env env, MemoryCheck memory) {
        this.env = env;
        this.memory = memory;
    }

    void size(int regno, Reg reg, boolean written, boolean zeroAllowed, Meta meta) {
        meta.maxSize = reg.umax;
        boolean known = reg.isConst();
        if (reg.smin < 0) {
            throw Env.refuse(
                    RefusalKind.UNBOUNDED,
                    "R" + regno + " min value is negative, either use unsigned or 'var &= const'");
        }
        if (reg.umin == 0 && !zeroAllowed) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "R"
                            + regno
                            + " invalid zero-sized read: u64=["
                            + reg.umin
                            + ","
                            + Long.toUnsignedString(reg.umax)
                            + "]");
        }
        if (Long.compareUnsigned(reg.umax, MAX_VAR_SIZE) >= 0) {
            throw Env.refuse(
                    RefusalKind.UNBOUNDED,
                    "R"
                            + regno
                            + " unbounded memory access, use 'var &= const' or 'if (var < const)'");
        }
        access(regno - 1, (int) reg.umax, written, zeroAllowed, known ? meta : null);
        env.precision.mark(regno);
    }

    /** Memory of a size that is read and written; it may be NULL (kernel: check_mem_reg). */
    void readAndWrite(int regno, int size) {
        Reg reg = env.reg(regno);
        Reg saved = new Reg(reg);
        if (reg.has(Reg.NULL)) {
            JumpCheck.notNull(reg, false);
        }
        access(regno, size, false, true, null);
        access(regno, size, true, true, null);
        if (saved.has(Reg.NULL)) {
            reg.set(saved);
        }
    }

    /** As {@link #readAndWrite}, the size in the next register. */
    void sizedReadAndWrite(int regno) {
        Reg reg = env.reg(regno);
        Reg saved = new Reg(reg);
        if (reg.has(Reg.NULL)) {
            JumpCheck.notNull(reg, false);
        }
        try {
            size(regno + 1, env.reg(regno + 1), false, true, new Meta());
            size(regno + 1, env.reg(regno + 1), true, true, new Meta());
        } catch (Refusal e) {
            throw Env.refuse(
                    e.kind(),
                    "arg#"
                            + (regno - 1)
                            + " arg#"
                            + regno
                            + " memory, len pair leads to invalid memory access: "
                            + e.getMessage());
        }
        if (saved.has(Reg.NULL)) {
            reg.set(saved);
        }
    }

    /** Kernel: {@code check_helper_mem_access}. */
    void access(int regno, int size, boolean write, boolean zeroAllowed, Meta meta) {
        Reg reg = env.reg(regno);
        if (write && reg.has(Reg.RDONLY)) {
            throw Env.refuse(
                    RefusalKind.READ_ONLY, "R" + regno + " cannot write into " + Log.typeName(reg));
        }
        switch (reg.type) {
            case PACKET, PACKET_META -> {
                if (write && !memory.mayWritePacket()) {
                    throw Env.refuse(RefusalKind.READ_ONLY, "cannot write into packet");
                }
                memory.bounds.packet(regno, reg, reg.off, size, zeroAllowed);
            }
            case MAP_KEY -> {
                if (write) {
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            "R" + regno + " cannot write into " + Log.typeName(reg));
                }
                memory.bounds.region(regno, reg, reg.off, size, reg.map.keySize(), false);
            }
            case MAP_VALUE -> {
                memory.mapRights(regno, reg, reg.off, size, write);
                memory.mapAccess(regno, reg, reg.off, size, zeroAllowed, false);
            }
            case MEM -> memory.bounds.region(regno, reg, reg.off, size, reg.memSize, zeroAllowed);
            case BUF -> memory.bounds.buffer(regno, reg, reg.off, size);
            case STACK ->
                    memory.stack.checkInitialized(
                            regno,
                            reg,
                            reg.off,
                            size,
                            write,
                            zeroAllowed,
                            meta != null && meta.rawMode ? meta.raw : null);
            case BTF ->
                    memory.access(new MemoryCheck.Access(regno, 0, size, write, -1, null, false));
            default -> {
                if (zeroAllowed && size == 0 && reg.isNull()) {
                    return;
                }
                throw Env.refuse(
                        RefusalKind.ARGUMENT,
                        "R" + regno + " type=" + Log.typeName(reg) + " expected=fp");
            }
        }
    }

    /** What a helper initialized on the stack holds unknown bytes from now on. */
    void writeRaw(Meta meta) {
        if (meta.raw.regno < 0) {
            return;
        }
        Reg pointer = env.reg(meta.raw.regno);
        for (int i = 0; i < meta.raw.size; i++) {
            memory.stack.write(pointer, pointer.off + i, 1, -1, null);
        }
        int off = (int) (pointer.off + pointer.bits.value());
        for (int at = off; at + 8 <= off + meta.raw.size; at++) {
            if ((at & 7) == 0) {
                env.stackLiveness.write(pointer.frameno, (-at - 1) >> 3);
            }
        }
    }
}

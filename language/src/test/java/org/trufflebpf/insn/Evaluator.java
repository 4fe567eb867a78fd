package org.trufflebpf.insn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs whole programs by the letter of RFC 9669, as a second opinion on the engine. It reads raw
 * bytes with a decoder of its own and shares no code with the rest of the project; slow and plain
 * on purpose.
 *
 * <p>Memory is a set of regions at guest addresses that the caller chooses. The stack is one of
 * them: 8 frames of 512 bytes, r10 of the first frame at its upper end, each call 512 bytes below.
 * Anything that goes wrong is a {@link Fault}.
 */
public final class Evaluator {
    /** What a program did that it must not do, or this evaluator does not know. */
    public static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message, null, false, false);
        }
    }

    /** A helper function: number and r1 to r5 in, r0 out. */
    @FunctionalInterface
    public interface Helper {
        long call(int number, long r1, long r2, long r3, long r4, long r5);
    }

    /** Sees the registers before each instruction. */
    @FunctionalInterface
    public interface Observer {
        void before(int pc, long[] registers);
    }

    /** Bytes at a guest address. */
    private record Region(long base, ByteBuffer bytes) {}

    private record Frame(int returnTo, long r6, long r7, long r8, long r9) {}

    public static final long STACK_BASE = 0x1_0000;
    public static final long MEMORY_BASE = 0x2_0000;
    public static final long CONTEXT_BASE = 0x3_0000;

    /** {@code BPF_MAX_LOOPS} of the kernel: how often may_goto falls through. */
    private static final int MAY_GOTO_BUDGET = 8 * 1024 * 1024;

    private static final int FRAME_BYTES = 512;
    private static final int MAX_FRAMES = 8;

    private final byte[] code;
    private final ByteOrder order;
    private final List<Region> regions = new ArrayList<>();
    private final List<Frame> frames = new ArrayList<>();
    private final long[] r = new long[11];
    private final byte[] stack = new byte[FRAME_BYTES * MAX_FRAMES];
    private byte[] packet = {};
    private Helper helper =
            (number, r1, r2, r3, r4, r5) -> {
                throw new Fault("helper " + number);
            };
    private long maxSteps = 10_000_000;
    private int mayGoto = MAY_GOTO_BUDGET;
    private Observer observer = (at, registers) -> {};
    private int pc;
    private boolean ended;

    public Evaluator(byte[] code, ByteOrder order) {
        this.code = code.clone();
        this.order = order;
        region(STACK_BASE, stack);
        r[10] = STACK_BASE + stack.length;
    }

    /**
     * Runs a program on a memory: r1 points to it, r2 is its length. The memory is changed in
     * place.
     */
    public static long run(byte[] code, ByteOrder order, byte[] memory) {
        return new Evaluator(code, order).memory(memory).run();
    }

    /**
     * Runs a program on a {@code struct xdp_md}: data and data_end are the packet, which is changed
     * in place.
     */
    public static long runXdp(byte[] code, ByteOrder order, byte[] packet) {
        byte[] context = new byte[24];
        ByteBuffer.wrap(context)
                .order(order)
                .putInt((int) MEMORY_BASE)
                .putInt((int) MEMORY_BASE + packet.length)
                .putInt((int) MEMORY_BASE);
        Evaluator evaluator = new Evaluator(code, order).memory(packet);
        evaluator.region(CONTEXT_BASE, context);
        return evaluator.register(1, CONTEXT_BASE).register(2, 0).run();
    }

    /** The memory that r1 and r2 tell of, also the packet of LD_ABS and LD_IND. */
    public Evaluator memory(byte[] memory) {
        packet = memory;
        region(MEMORY_BASE, memory);
        return register(1, MEMORY_BASE).register(2, memory.length);
    }

    /** Makes bytes visible at an address. */
    public Evaluator region(long base, byte[] bytes) {
        regions.add(new Region(base, ByteBuffer.wrap(bytes).order(order)));
        return this;
    }

    public Evaluator register(int number, long value) {
        r[number] = value;
        return this;
    }

    public Evaluator observer(Observer newObserver) {
        observer = newObserver;
        return this;
    }

    public Evaluator helper(Helper newHelper) {
        helper = newHelper;
        return this;
    }

    public Evaluator maxSteps(long steps) {
        maxSteps = steps;
        return this;
    }

    /** The stack after the run, lowest address first. */
    public byte[] stack() {
        return stack.clone();
    }

    /** Runs from the first slot to the exit of the first frame. */
    public long run() {
        for (long steps = 0; steps < maxSteps; steps++) {
            if (pc < 0 || pc >= code.length / 8) {
                throw new Fault("pc " + pc);
            }
            observer.before(pc, r);
            if (step()) {
                return r[0];
            }
        }
        throw new Fault("more than " + maxSteps + " steps");
    }

    /** One instruction; whether it was the last. */
    private boolean step() {
        ByteBuffer slot = ByteBuffer.wrap(code, pc * 8, 8).slice().order(order);
        int op = slot.get(0) & 0xff;
        int registers = slot.get(1) & 0xff;
        boolean little = order == ByteOrder.LITTLE_ENDIAN;
        int dst = little ? registers & 15 : registers >> 4;
        int src = little ? registers >> 4 : registers & 15;
        int off = slot.getShort(2);
        int imm = slot.getInt(4);
        pc++;
        switch (op & 7) {
            case 0 -> load(op, dst, src, imm);
            case 1 -> loadRegister(op, dst, src, off);
            case 2 -> store(r[dst] + off, size(op), imm);
            case 3 -> storeRegister(op, dst, src, off, imm);
            case 4 -> r[dst] = alu32(op, dst, src, off, imm);
            case 7 -> r[dst] = alu64(op, dst, src, off, imm);
            default -> {
                return jump(op, dst, src, off, imm);
            }
        }
        return ended;
    }

    // region arithmetic, RFC 9669 sections 4.1 and 4.2

    private long alu64(int op, int dst, int src, int off, int imm) {
        long a = r[dst];
        long b = (op & 8) != 0 ? r[src] : imm;
        boolean signed = off == 1;
        return switch (op & 0xf0) {
            case 0x00 -> a + b;
            case 0x10 -> a - b;
            case 0x20 -> a * b;
            case 0x30 -> b == 0 ? 0 : signed ? (b == -1 ? -a : a / b) : Long.divideUnsigned(a, b);
            case 0x40 -> a | b;
            case 0x50 -> a & b;
            case 0x60 -> a << (b & 63);
            case 0x70 -> a >>> (b & 63);
            case 0x80 -> -a;
            case 0x90 -> b == 0 ? a : signed ? (b == -1 ? 0 : a % b) : Long.remainderUnsigned(a, b);
            case 0xa0 -> a ^ b;
            case 0xb0 ->
                    switch (off) {
                        case 0 -> b;
                        case 8 -> (byte) b;
                        case 16 -> (short) b;
                        case 32 -> (int) b;
                        default -> throw new Fault("mov with off " + off);
                    };
            case 0xc0 -> a >> (b & 63);
            case 0xd0 -> swap(a, imm);
            default -> throw new Fault("alu64 " + op);
        };
    }

    private long alu32(int op, int dst, int src, int off, int imm) {
        int a = (int) r[dst];
        int b = (op & 8) != 0 ? (int) r[src] : imm;
        boolean signed = off == 1;
        if ((op & 0xf0) == 0xd0) {
            boolean toBig = (op & 8) != 0;
            boolean isBig = order == ByteOrder.BIG_ENDIAN;
            return toBig == isBig ? truncate(r[dst], imm) : swap(r[dst], imm);
        }
        int result =
                switch (op & 0xf0) {
                    case 0x00 -> a + b;
                    case 0x10 -> a - b;
                    case 0x20 -> a * b;
                    case 0x30 ->
                            b == 0
                                    ? 0
                                    : signed
                                            ? (b == -1 ? -a : a / b)
                                            : Integer.divideUnsigned(a, b);
                    case 0x40 -> a | b;
                    case 0x50 -> a & b;
                    case 0x60 -> a << (b & 31);
                    case 0x70 -> a >>> (b & 31);
                    case 0x80 -> -a;
                    case 0x90 ->
                            b == 0
                                    ? a
                                    : signed
                                            ? (b == -1 ? 0 : a % b)
                                            : Integer.remainderUnsigned(a, b);
                    case 0xa0 -> a ^ b;
                    case 0xb0 ->
                            switch (off) {
                                case 0 -> b;
                                case 8 -> (byte) b;
                                case 16 -> (short) b;
                                default -> throw new Fault("mov32 with off " + off);
                            };
                    case 0xc0 -> a >> (b & 31);
                    default -> throw new Fault("alu32 " + op);
                };
        return result & 0xffff_ffffL;
    }

    private static long truncate(long value, int bits) {
        return bits == 64 ? value : value & ((1L << bits) - 1);
    }

    private static long swap(long value, int bits) {
        long out = 0;
        for (int i = 0; i < bits; i += 8) {
            out = out << 8 | (value >>> i & 0xff);
        }
        return out;
    }

    // endregion

    // region jumps and calls, RFC 9669 section 4.3

    private boolean jump(int op, int dst, int src, int off, int imm) {
        boolean wide = (op & 7) == 5;
        long a = wide ? r[dst] : (int) r[dst];
        long b = (op & 8) == 0 ? imm : wide ? r[src] : (int) r[src];
        // sign extension of both sides keeps the unsigned order of 32-bit numbers too
        int unsigned = Long.compareUnsigned(a, b);
        boolean taken;
        switch (op & 0xf0) {
            case 0x00 -> {
                pc += wide ? off : imm;
                return false;
            }
            case 0x80 -> {
                call(op, dst, src, imm);
                return false;
            }
            case 0x90 -> {
                return exit();
            }
            case 0x10 -> taken = a == b;
            case 0x20 -> taken = unsigned > 0;
            case 0x30 -> taken = unsigned >= 0;
            case 0x40 -> taken = (a & b) != 0;
            case 0x50 -> taken = a != b;
            case 0x60 -> taken = a > b;
            case 0x70 -> taken = a >= b;
            case 0xa0 -> taken = unsigned < 0;
            case 0xb0 -> taken = unsigned <= 0;
            case 0xc0 -> taken = a < b;
            case 0xd0 -> taken = a <= b;
            case 0xe0 -> taken = mayGoto-- <= 0;
            default -> throw new Fault("jump " + op);
        }
        pc += taken ? off : 0;
        return false;
    }

    private void call(int op, int dst, int src, int imm) {
        if ((op & 8) != 0) {
            r[0] = helper.call((int) r[dst], r[1], r[2], r[3], r[4], r[5]);
        } else if (src == 0) {
            r[0] = helper.call(imm, r[1], r[2], r[3], r[4], r[5]);
        } else if (src == 1) {
            if (frames.size() == MAX_FRAMES - 1) {
                throw new Fault("more than " + MAX_FRAMES + " frames");
            }
            frames.add(new Frame(pc, r[6], r[7], r[8], r[9]));
            r[10] -= FRAME_BYTES;
            pc += imm;
        } else {
            throw new Fault("call with src " + src);
        }
    }

    private boolean exit() {
        if (frames.isEmpty()) {
            return true;
        }
        Frame frame = frames.removeLast();
        pc = frame.returnTo;
        r[6] = frame.r6;
        r[7] = frame.r7;
        r[8] = frame.r8;
        r[9] = frame.r9;
        r[10] += FRAME_BYTES;
        return false;
    }

    // endregion

    // region memory, RFC 9669 section 5

    private static int size(int op) {
        return switch (op & 0x18) {
            case 0x00 -> 4;
            case 0x08 -> 2;
            case 0x10 -> 1;
            default -> 8;
        };
    }

    private void load(int op, int dst, int src, int imm) {
        switch (op & 0xe0) {
            case 0x00 -> {
                if (src != 0) {
                    throw new Fault("lddw with src " + src);
                }
                int high = ByteBuffer.wrap(code).order(order).getInt(pc * 8 + 4);
                r[dst] = (long) high << 32 | (imm & 0xffff_ffffL);
                pc++;
            }
            case 0x20 -> packet(imm, size(op));
            case 0x40 -> packet((int) r[src] + imm, size(op));
            default -> throw new Fault("ld " + op);
        }
    }

    /**
     * The old packet access: network byte order, and a program ends with 0 where the packet does.
     */
    private void packet(int at, int size) {
        if (at < 0 || at + (long) size > packet.length) {
            r[0] = 0;
            ended = true;
            return;
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | (packet[at + i] & 0xff);
        }
        r[0] = value;
    }

    private void loadRegister(int op, int dst, int src, int off) {
        int size = size(op);
        long value = load(r[src] + off, size);
        boolean signed = (op & 0xe0) == 0x80;
        int unused = 64 - size * 8;
        r[dst] = signed ? value << unused >> unused : value;
    }

    private void storeRegister(int op, int dst, int src, int off, int imm) {
        if ((op & 0xe0) == 0x60) {
            store(r[dst] + off, size(op), r[src]);
        } else {
            atomic(op, dst, src, off, imm);
        }
    }

    private void atomic(int op, int dst, int src, int off, int imm) {
        int size = size(op);
        if (imm == 0x100) {
            r[dst] = load(r[src] + off, size);
            return;
        }
        long address = r[dst] + off;
        long value = truncate(r[src], size * 8);
        if (imm == 0x110) {
            store(address, size, value);
            return;
        }
        long old = load(address, size);
        switch (imm & 0xfe) {
            case 0x00 -> store(address, size, old + value);
            case 0x40 -> store(address, size, old | value);
            case 0x50 -> store(address, size, old & value);
            case 0xa0 -> store(address, size, old ^ value);
            case 0xe0 -> store(address, size, value);
            case 0xf0 -> {
                if (old == truncate(r[0], size * 8)) {
                    store(address, size, value);
                }
                r[0] = old;
                return;
            }
            default -> throw new Fault("atomic " + imm);
        }
        if ((imm & 1) != 0) {
            r[src] = old;
        }
    }

    private long load(long address, int size) {
        Region region = find(address, size);
        int at = (int) (address - region.base);
        return switch (size) {
            case 1 -> region.bytes.get(at) & 0xff;
            case 2 -> region.bytes.getShort(at) & 0xffff;
            case 4 -> region.bytes.getInt(at) & 0xffff_ffffL;
            default -> region.bytes.getLong(at);
        };
    }

    private void store(long address, int size, long value) {
        Region region = find(address, size);
        int at = (int) (address - region.base);
        switch (size) {
            case 1 -> region.bytes.put(at, (byte) value);
            case 2 -> region.bytes.putShort(at, (short) value);
            case 4 -> region.bytes.putInt(at, (int) value);
            default -> region.bytes.putLong(at, value);
        }
    }

    private Region find(long address, int size) {
        for (Region region : regions) {
            long at = address - region.base;
            if (at >= 0 && at <= region.bytes.capacity() - size) {
                return region;
            }
        }
        throw new Fault(
                "access of "
                        + size
                        + " bytes at 0x"
                        + Long.toHexString(address)
                        + ", slot "
                        + (pc - 1));
    }

    // endregion
}

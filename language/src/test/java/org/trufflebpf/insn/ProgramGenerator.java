package org.trufflebpf.insn;

import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R10;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R3;
import static org.trufflebpf.insn.Asm.R4;
import static org.trufflebpf.insn.Asm.R5;
import static org.trufflebpf.insn.Asm.R6;
import static org.trufflebpf.insn.Asm.R7;
import static org.trufflebpf.insn.Asm.R8;
import static org.trufflebpf.insn.Asm.R9;

import org.trufflebpf.insn.Asm.Reg;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Makes random programs that are valid, end, and tell all they computed: r0 is a hash of the
 * registers and the stack, the rest stands in the memory. The same seed makes the same program.
 *
 * <p>r0 to r7 hold numbers at every boundary between the pieces that a program is made of, r8
 * counts loops, r9 points to {@value #MEMORY_BYTES} bytes of memory. Pointers never reach a number,
 * so results do not depend on addresses.
 */
public final class ProgramGenerator {
    /** Length of the memory or packet that a generated program works on. */
    public static final int MEMORY_BYTES = 64;

    /** Whom a program is for. */
    public enum Profile {
        /** r1 = memory, r2 = its length; every row but calls of helpers and packet access. */
        ENGINE,
        /**
         * An XDP program that the kernel's verifier accepts: r1 = {@code struct xdp_md}, the memory
         * is the packet. Atomics touch the stack only. Two defects of Linux 6.18 are kept out of
         * the way. Its verifier crashes on {@code and} with a constant where it knows a number to
         * be 0 or -1, as after neg: so there is no neg, and and/or only meet numbers of unknown
         * sign. And where it prunes a path behind a 32-bit cmpxchg that succeeds, the x86 JIT
         * leaves the upper half of r0 as it was: so that half is cleared.
         */
        KERNEL
    }

    /**
     * A program.
     *
     * @param seed what it was made from
     * @param insns its instructions, subprograms behind the main program
     */
    public record Program(long seed, Profile profile, List<Insn> insns) {
        public byte[] code() {
            return InsnEncoder.encode(insns, ByteOrder.LITTLE_ENDIAN);
        }

        /** What a failing test shows: the seed and the listing. */
        @Override
        public String toString() {
            return "seed " + seed + ", " + profile + "\n" + Listing.of(insns).text();
        }
    }

    private static final int[] EDGES = {
        0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 2, -2, 0x7f, 0x80, 0xffff
    };
    private static final int[] SHIFT_COUNTS = {0, 1, 31, 32, 33, 63, 64, 65, -1};
    private static final int[] WIDTHS = {8, 16, 32, 64};
    private static final Reg[] NUMBERS = {R0, R1, R2, R3, R4, R5, R6, R7};
    private static final Reg[] ARGUMENTS = {R1, R2, R3, R4, R5};
    private static final Opcode[] ALU = rows(Kind.ALU);
    private static final Opcode[] CONDITIONS = rows(Kind.JCC);
    private static final Opcode[] ATOMICS = rows(Kind.ATOMIC);
    private static final int MAIN_SLOTS = 12;
    private static final int SUBPROG_SLOTS = 6;
    private static final int MAX_SUBPROGS = 3;

    private final RandomGenerator random;
    private final Profile profile;
    private final Asm asm = Asm.program();
    private final int subprogs;
    private final BitSet called = new BitSet();
    private int labels;
    private int stackSlots;
    private int subprog;

    private ProgramGenerator(long seed, Profile profile) {
        this.random = new SplittableRandom(seed);
        this.profile = profile;
        this.subprogs = random.nextInt(MAX_SUBPROGS + 1);
    }

    /** The program of a seed, of a size that the seed chooses. */
    public static Program generate(long seed, Profile profile) {
        return new ProgramGenerator(seed, profile).program(seed);
    }

    /**
     * A memory or packet for a program: edge values and random ones, which the program cannot know.
     */
    public static byte[] memory(long seed) {
        RandomGenerator random = new SplittableRandom(~seed);
        ByteBuffer out = ByteBuffer.allocate(MEMORY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            out.putLong(number64(random));
        }
        return out.array();
    }

    private Program program(long seed) {
        main();
        for (subprog = 1; subprog <= subprogs; subprog++) {
            if (!called.get(subprog)) {
                // the kernel refuses what control cannot come to
                continue;
            }
            asm.label("subprog" + subprog);
            body(SUBPROG_SLOTS, 2 + random.nextInt(10));
            asm.exit();
        }
        return new Program(seed, profile, asm.insns());
    }

    private void main() {
        if (profile == Profile.KERNEL) {
            asm.ldx(32, R9, R1, 0).ldx(32, R3, R1, 4).mov64(R2, R9).add64(R2, MEMORY_BYTES);
            asm.jle(R2, R3, "long enough").mov64(R0, 0).exit().label("long enough");
        } else {
            asm.mov64(R9, R1);
        }
        // all at once: a jump never skips an initialization
        for (Reg reg : NUMBERS) {
            asm.lddw(reg, number64());
        }
        body(MAIN_SLOTS, 10 + random.nextInt(50));
        fold();
        asm.exit();
    }

    /** Initializes the stack and the numbers that a subprogram does not get, then works. */
    private void body(int slots, int pieces) {
        stackSlots = slots;
        asm.mov64(R8, 0);
        if (subprog > 0) {
            asm.mov64(R9, R5).mov64(R0, number()).mov64(R5, number()).mov64(R6, R1).mov64(R7, R2);
        }
        for (int i = 1; i <= slots; i++) {
            if (random.nextBoolean()) {
                asm.st(64, R10, -8 * i, number());
            } else {
                asm.stx(64, R10, -8 * i, anyNumber());
            }
        }
        for (int i = 0; i < pieces; i++) {
            piece();
        }
    }

    /** r0 = a hash of registers and stack, folded to 32 bits as the kernel reports it. */
    private void fold() {
        for (int i = 1; i < NUMBERS.length; i++) {
            asm.mul64(R0, 31).add64(R0, NUMBERS[i]);
        }
        for (int i = 1; i <= stackSlots; i++) {
            asm.ldx(64, R1, R10, -8 * i).mul64(R0, 31).add64(R0, R1);
        }
        asm.mov64(R1, R0).rsh64(R1, 32).xor64(R0, R1).mov32(R0, R0);
    }

    private void piece() {
        switch (random.nextInt(16)) {
            case 0 -> branch();
            case 1 -> diamond();
            case 2 -> loop();
            case 3 -> call();
            default -> straight();
        }
    }

    private void straight() {
        switch (random.nextInt(12)) {
            case 0 -> asm.lddw(anyNumber(), number64());
            case 1 -> loadStore();
            case 2 -> atomic();
            case 3 -> acquireRelease();
            case 4 -> shift();
            default -> alu();
        }
    }

    private void straightLine() {
        for (int i = random.nextInt(4); i >= 0; i--) {
            straight();
        }
    }

    // region control flow

    private void branch() {
        String end = label();
        condition(end);
        straightLine();
        asm.label(end);
    }

    private void diamond() {
        String otherwise = label();
        String end = label();
        condition(otherwise);
        straightLine();
        if (random.nextBoolean()) {
            asm.ja(end);
        } else {
            asm.gotol(end);
        }
        asm.label(otherwise);
        straightLine();
        asm.label(end);
    }

    /** r8 counts; the way back is a condition, a goto or a gotol. */
    private void loop() {
        String head = label();
        String end = label();
        int count = 1 + random.nextInt(6);
        asm.mov64(R8, 0).label(head);
        straightLine();
        switch (random.nextInt(4)) {
            case 0 -> asm.add64(R8, 1).jlt(R8, count, head);
            case 1 -> asm.add64(R8, 1).jge(R8, count, end).ja(head);
            case 2 -> asm.add32(R8, 1).jeq32(R8, count, end).gotol(head);
            default -> asm.mayGoto(end).add64(R8, 1).jsge(R8, count, end).ja(head);
        }
        asm.label(end);
    }

    private void condition(String target) {
        Opcode row = any(CONDITIONS);
        Reg dst = anyNumber();
        if (profile == Profile.KERNEL) {
            // a condition that the verifier can half decide makes it warn of its own invariants
            unknown(dst);
        }
        if (row.operand() == Operand.REG) {
            asm.to(target, row, dst.number(), anyNumber().number(), 0);
        } else {
            asm.to(target, row, dst.number(), 0, number());
        }
    }

    /**
     * A call to a subprogram further behind, so that calls end. r5 takes the memory's address
     * there; r1 to r5 hold numbers again afterwards.
     */
    private void call() {
        if (subprog >= subprogs) {
            straight();
            return;
        }
        int callee = subprog + 1 + random.nextInt(subprogs - subprog);
        called.set(callee);
        asm.mov64(R5, R9).callSubprog("subprog" + callee);
        for (Reg reg : ARGUMENTS) {
            if (random.nextBoolean()) {
                asm.mov64(reg, number());
            } else {
                asm.mov64(reg, random.nextBoolean() ? R0 : R6);
            }
        }
    }

    private String label() {
        return "L" + labels++;
    }

    // endregion

    // region straight code

    private void alu() {
        Opcode row = any(ALU);
        Alu operation = (Alu) row.operation();
        Reg dst = anyNumber();
        if (profile == Profile.KERNEL) {
            if (operation == Alu.NEG) {
                return;
            }
            if (operation == Alu.AND || operation == Alu.OR) {
                unknown(dst);
            }
        }
        switch (row.operand()) {
            case REG -> asm.op(row, dst.number(), anyNumber().number(), 0, 0);
            case IMM -> asm.op(row, dst.number(), 0, 0, immediate(row, operation));
            case NONE -> asm.op(row, dst.number(), 0, 0, 0);
        }
    }

    /** Takes a number from the memory: no verifier knows its sign or range. */
    private void unknown(Reg dst) {
        asm.ldx(64, dst, R9, 8 * random.nextInt(MEMORY_BYTES / 8));
    }

    private int immediate(Opcode row, Alu operation) {
        int value = number();
        return switch (operation) {
            case DIV, SDIV, MOD, SMOD -> value == 0 ? 3 : value;
            case LSH, RSH, ARSH -> random.nextInt(row.bits());
            default -> value;
        };
    }

    /** A shift by a register, at the edges of the count. */
    private void shift() {
        Reg count = anyNumber();
        asm.mov64(count, SHIFT_COUNTS[random.nextInt(SHIFT_COUNTS.length)]);
        Reg dst = anyNumber();
        int bits = random.nextBoolean() ? 64 : 32;
        switch (random.nextInt(3)) {
            case 0 -> asm.alu(Alu.LSH, bits, dst, count);
            case 1 -> asm.alu(Alu.RSH, bits, dst, count);
            default -> asm.alu(Alu.ARSH, bits, dst, count);
        }
    }

    private void loadStore() {
        int bits = WIDTHS[random.nextInt(WIDTHS.length)];
        boolean stack = random.nextBoolean();
        Reg base = stack ? R10 : R9;
        int off = stack ? stackOffset(bits) : random.nextInt(MEMORY_BYTES - bits / 8 + 1);
        switch (random.nextInt(4)) {
            case 0 -> asm.ldx(bits, anyNumber(), base, off);
            case 1 -> asm.ldsx(Math.min(bits, 32), anyNumber(), base, off);
            case 2 -> asm.st(bits, base, off, number());
            default -> asm.stx(bits, base, off, anyNumber());
        }
    }

    private void atomic() {
        Opcode row = any(ATOMICS);
        boolean stack = profile == Profile.KERNEL || random.nextBoolean();
        Reg base = stack ? R10 : R9;
        asm.atomic(
                (Atomic) row.operation(),
                row.bits(),
                base,
                alignedOffset(stack, row.bits()),
                anyNumber());
        if (profile == Profile.KERNEL && row == Opcode.ATOMIC32_CMPXCHG) {
            asm.mov32(R0, R0);
        }
    }

    private void acquireRelease() {
        int bits = WIDTHS[random.nextInt(WIDTHS.length)];
        boolean stack = profile == Profile.KERNEL || random.nextBoolean();
        Reg base = stack ? R10 : R9;
        int off = alignedOffset(stack, bits);
        if (random.nextBoolean()) {
            asm.loadAcquire(bits, anyNumber(), base, off);
        } else {
            asm.storeRelease(bits, base, off, anyNumber());
        }
    }

    private int alignedOffset(boolean stack, int bits) {
        return stack ? stackOffset(bits) : bits / 8 * random.nextInt(MEMORY_BYTES / (bits / 8));
    }

    /** Aligned, inside the initialized slots. */
    private int stackOffset(int bits) {
        return -(bits / 8) * (1 + random.nextInt(stackSlots * 8 / (bits / 8)));
    }

    // endregion

    private Reg anyNumber() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private int number() {
        return number(random);
    }

    private long number64() {
        return number64(random);
    }

    private static int number(RandomGenerator random) {
        return random.nextInt(3) == 0 ? random.nextInt() : EDGES[random.nextInt(EDGES.length)];
    }

    private static long number64(RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> Long.MIN_VALUE;
            case 2 -> Long.MAX_VALUE;
            case 3 -> 0x8000_0000L;
            case 4 -> 0xffff_ffffL;
            default -> number(random);
        };
    }

    private <T> T any(T[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static Opcode[] rows(Kind kind) {
        return Arrays.stream(Opcode.values())
                .filter(row -> row.kind() == kind)
                .toArray(Opcode[]::new);
    }
}

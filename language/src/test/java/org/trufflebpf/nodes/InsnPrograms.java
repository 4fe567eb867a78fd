package org.trufflebpf.nodes;

import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R10;
import static org.trufflebpf.insn.Asm.R3;
import static org.trufflebpf.insn.Asm.R4;
import static org.trufflebpf.insn.Asm.R5;
import static org.trufflebpf.insn.Asm.R6;
import static org.trufflebpf.insn.Asm.R7;
import static org.trufflebpf.insn.Asm.R8;
import static org.trufflebpf.insn.Asm.R9;

import org.trufflebpf.insn.Asm;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.LoadRules;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * For a row of the opcode table a program that tries it with all edge operands in a loop over the
 * records of its memory and stores what came out beside them. One compilation covers all operands,
 * and the loop's back edge enters OSR.
 *
 * <p>r6 points to the record, r7 counts records; results never depend on addresses.
 *
 * @param code the instructions
 * @param memory records with operands, results zero
 * @param records turns of the loop in one run
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
record InsnPrograms(byte[] code, byte[] memory, int records) {
    static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        -2,
        7,
        31,
        32,
        33,
        63,
        64,
        65,
        0x7f,
        0x80,
        0xff,
        0x8000,
        0xffff,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        0xffff_ffff_0000_0000L,
        Integer.MIN_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        Long.MAX_VALUE,
        0x0123_4567_89ab_cdefL,
        0xfedc_ba98_7654_3210L
    };

    /** Fewer, where a record is long. */
    private static final long[] FEW_EDGES = {
        0,
        1,
        -1,
        0x7f,
        0x80,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        0xffff_ffff_0000_0000L,
        0x8000_0000_8000_0000L,
        Integer.MIN_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        0x0123_4567_89ab_cdefL,
        0xfedc_ba98_7654_3210L
    };

    private static final int[] IMMEDIATES = {
        0,
        1,
        -1,
        2,
        -2,
        7,
        31,
        32,
        33,
        63,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        Integer.MAX_VALUE,
        0x12345678
    };

    /**
     * Memory of the programs that access it at large offsets: bases at 0 and in the middle, results
     * behind.
     */
    private static final int HALF = 0x8000;

    private static final int RESULTS = 0x9000;
    private static final int SIZE = 0xd000;
    private static final int STEPS = 24;
    private static final int[] OFFSETS = {
        0, 1, 2, 3, 4, 7, 8, 16, 0x7f, 0x80, 0x7ff0, 0x7fff, -1, -4, -8, -0x7f, -0x80, -0x8000
    };
    private static final int[] ALIGNED = {0, 8, 16, 0x80, 0x7ff8, -8, -16, -0x80, -0x8000};

    /** The program for a row; every row that an evaluator without a kernel knows. */
    static InsnPrograms of(Opcode row) {
        return switch (row.kind()) {
            case ALU -> arithmetic(row);
            case JCC -> condition(row);
            case LDX, LDSX, LOAD_ACQUIRE -> load(row);
            case ST, STX, STORE_RELEASE -> store(row);
            case ATOMIC -> atomic(row);
            case JA, JA32 -> jump(row);
            case LDDW -> wide();
            case LD_ABS, LD_IND -> packet(row);
            case CALL_SUBPROG -> call();
            case CALL_HELPER -> helper();
            case CALLX -> callx();
            case EXIT -> exit();
            case MAY_GOTO -> mayGoto();
            default -> throw new IllegalArgumentException(row + " has a test of its own");
        };
    }

    // region arithmetic and conditions

    private static InsnPrograms arithmetic(Opcode row) {
        if (row.operand() == Operand.REG) {
            int bytes = 56;
            Asm asm = begin(EDGES.length * EDGES.length);
            asm.ldx(64, R3, R6, 0).ldx(64, R4, R6, 8).op(row, R3, R4, 0, 0);
            asm.stx(64, R6, 16, R3).stx(64, R6, 24, R4);
            asm.ldx(64, R5, R6, 0).op(row, R5, R5, 0, 0).stx(64, R6, 32, R5);
            asm.ldx(64, R0, R6, 0).ldx(64, R9, R6, 8).op(row, R0, R9, 0, 0).stx(64, R6, 40, R0);
            // the frame pointer as a source, its address taken out again
            asm.mov64(R4, R10).ldx(64, R3, R6, 0).op(row, R3, R10, 0, 0);
            asm.ldx(64, R5, R6, 0).op(row, R5, R4, 0, 0).xor64(R3, R5).stx(64, R6, 48, R3);
            return end(asm, bytes, pairs(EDGES, bytes));
        }
        int[] immediates = row.operand() == Operand.IMM ? IMMEDIATES : new int[] {0};
        int bytes = 8 + 8 * immediates.length;
        Asm asm = begin(EDGES.length);
        for (int i = 0; i < immediates.length; i++) {
            Insn insn = Insn.of(row, R3.number(), 0, 0, immediates[i]);
            if (LoadRules.broken(insn) == null) {
                asm.ldx(64, R3, R6, 0).insn(insn).stx(64, R6, 8 + 8 * i, R3);
            }
        }
        return end(asm, bytes, singles(EDGES, bytes));
    }

    private static InsnPrograms condition(Opcode row) {
        if (row.operand() == Operand.REG) {
            int bytes = 40;
            Asm asm = begin(EDGES.length * EDGES.length);
            asm.ldx(64, R3, R6, 0).ldx(64, R4, R6, 8);
            test(asm, row, 4, 0, 16, "pair");
            test(asm, row, 3, 0, 24, "same");
            backwards(asm, row, 4, 0, 32, "back");
            return end(asm, bytes, pairs(EDGES, bytes));
        }
        int bytes = 8 + 16 * IMMEDIATES.length;
        Asm asm = begin(EDGES.length);
        asm.ldx(64, R3, R6, 0);
        for (int i = 0; i < IMMEDIATES.length; i++) {
            test(asm, row, 0, IMMEDIATES[i], 8 + 16 * i, "imm" + i);
            backwards(asm, row, 0, IMMEDIATES[i], 16 + 16 * i, "back" + i);
        }
        return end(asm, bytes, singles(EDGES, bytes));
    }

    /** Stores 1 if the condition jumps over an instruction, else 2. */
    private static void test(Asm asm, Opcode row, int src, int imm, int result, String name) {
        asm.mov64(R0, 1)
                .to(name, row, R3.number(), src, imm)
                .mov64(R0, 2)
                .label(name)
                .stx(64, R6, result, R0);
    }

    /** The same with a jump back. */
    private static void backwards(Asm asm, Opcode row, int src, int imm, int result, String name) {
        asm.mov64(R0, 2).ja(name + "in").label(name + "taken").mov64(R0, 1).ja(name + "out");
        asm.label(name + "in").to(name + "taken", row, R3.number(), src, imm);
        asm.label(name + "out").stx(64, R6, result, R0);
    }

    // endregion

    // region memory

    /** r8 and r9 are the bases for offsets from 0 and below 0, r6 points to results. */
    private static Asm beginAccess() {
        return Asm.program()
                .mov64(R8, R1)
                .mov64(R9, R1)
                .add64(R9, HALF)
                .mov64(R6, R1)
                .add64(R6, RESULTS)
                .mov64(R7, STEPS)
                .label("loop");
    }

    private static InsnPrograms endAccess(Asm asm, int step, int results) {
        asm.add64(R8, step).add64(R9, step).add64(R6, 8 * results);
        asm.sub64(R7, 1).jne(R7, 0, "loop").mov64(R0, 0).exit();
        byte[] memory = new byte[SIZE];
        new SplittableRandom(1).nextBytes(memory);
        return new InsnPrograms(asm.bytes(), memory, STEPS);
    }

    private static InsnPrograms load(Opcode row) {
        boolean aligned = row.kind() == Kind.LOAD_ACQUIRE;
        Asm asm = beginAccess();
        int results = 0;
        for (int off : aligned ? ALIGNED : OFFSETS) {
            Asm.Reg base = off < 0 ? R9 : R8;
            asm.op(row, R3, base, off, 0).stx(64, R6, 8 * results++, R3);
        }
        asm.mov64(R3, R9).op(row, R3, R3, -8, 0).stx(64, R6, 8 * results++, R3);
        asm.ldx(64, R4, R8, 0).stx(64, R10, -512, R4).stx(64, R10, -8, R4);
        asm.op(row, R0, R10, -512, 0).stx(64, R6, 8 * results++, R0);
        asm.op(row, R4, R10, -(row.bits() / 8), 0).stx(64, R6, 8 * results++, R4);
        asm.mov64(R5, R10).add64(R5, -256).stx(64, R10, -264, R4).op(row, R4, R5, -8, 0);
        asm.stx(64, R6, 8 * results++, R4);
        return endAccess(asm, aligned ? 8 : 1, results);
    }

    private static InsnPrograms store(Opcode row) {
        boolean aligned = row.kind() == Kind.STORE_RELEASE;
        boolean fromRegister = row.kind() != Kind.ST;
        Asm asm = beginAccess();
        int results = 0;
        int number = 0;
        asm.ldx(64, R3, R6, 0);
        for (int off : aligned ? ALIGNED : OFFSETS) {
            Asm.Reg base = off < 0 ? R9 : R8;
            int imm = fromRegister ? 0 : IMMEDIATES[number++ % IMMEDIATES.length];
            asm.op(row, base.number(), fromRegister ? R3.number() : 0, off, imm)
                    .add64(R3, 0x1234567);
        }
        // neighbours in the stack
        for (int i = 0; i < IMMEDIATES.length; i++) {
            asm.lddw(R4, 0x1122_3344_5566_7788L)
                    .stx(64, R10, -8, R4)
                    .stx(64, R10, -16, R4)
                    .stx(64, R10, -512, R4);
            asm.mov64(R5, IMMEDIATES[i]);
            int imm = fromRegister ? 0 : IMMEDIATES[i];
            int src = fromRegister ? R5.number() : 0;
            asm.op(row, R10.number(), src, -(row.bits() / 8), imm);
            asm.op(row, R10.number(), src, -16, imm);
            asm.op(row, R10.number(), src, -512, imm);
            for (int off : new int[] {-8, -16, -512}) {
                asm.ldx(64, R4, R10, off).stx(64, R6, 8 * results++, R4);
            }
        }
        if (fromRegister) {
            // a pointer into memory at itself: what was stored is the pointer's lower bytes
            asm.st(64, R8, 0, 0)
                    .op(row, R8.number(), R8.number(), 0, 0)
                    .ldx(64, R3, R8, 0)
                    .xor64(R3, R8);
            asm.lsh64(R3, 64 - row.bits()).stx(64, R6, 8 * results++, R3).st(64, R8, 0, 5);
        }
        return endAccess(asm, aligned ? 8 : 1, results);
    }

    private static InsnPrograms atomic(Opcode row) {
        Atomic operation = (Atomic) row.operation();
        int bytes = 216;
        int cell = 24;
        int[] offs = row.bits() == 64 ? new int[] {cell} : new int[] {cell, cell + 4};
        Asm asm = begin(FEW_EDGES.length * FEW_EDGES.length);
        int result = 40;
        for (int off : offs) {
            for (int expected = 0; expected < 3; expected++) {
                asm.ldx(64, R3, R6, 0).stx(64, R6, cell, R3).ldx(64, R4, R6, 8);
                expected(asm, expected, off != cell);
                asm.mov64(R9, R6).add64(R9, 1024).op(row, R9, R4, off - 1024, 0);
                asm.stx(64, R6, result, R4).stx(64, R6, result + 8, R0);
                asm.ldx(64, R5, R6, cell).stx(64, R6, result + 16, R5);
                result += 24;
            }
        }
        // r0 as the source
        asm.ldx(64, R3, R6, 0).stx(64, R6, cell, R3).ldx(64, R0, R6, 8).op(row, R6, R0, cell, 0);
        asm.stx(64, R6, 184, R0).ldx(64, R5, R6, cell).stx(64, R6, 192, R5);
        if (operation != Atomic.CMPXCHG && operation.name().matches("FETCH_.*|XCHG")) {
            // the address as the source: what was there comes in its place, what is there now is
            // forgotten
            asm.stx(64, R6, cell, R3).mov64(R9, R6).op(row, R9, R9, cell, 0);
            asm.stx(64, R6, 200, R9).st(64, R6, cell, 0);
        }
        // in the stack
        asm.stx(64, R10, -8, R3).ldx(64, R4, R6, 8).mov64(R0, R3).op(row, R10, R4, -8, 0);
        asm.ldx(64, R4, R10, -8).stx(64, R6, 208, R4);
        return end(asm, bytes, pairs(FEW_EDGES, bytes));
    }

    /**
     * Sets r0: what is in memory, with junk in an upper half that a 32-bit comparison must not see;
     * the operand.
     */
    private static void expected(Asm asm, int variant, boolean upperHalf) {
        switch (variant) {
            case 0 -> asm.mov64(R0, R3);
            case 1 -> asm.mov64(R0, R4);
            default -> asm.mov64(R0, R3);
        }
        if (upperHalf && variant != 1) {
            asm.rsh64(R0, 32);
        }
        if (variant == 2) {
            asm.lddw(R5, 1L << 40).xor64(R0, R5);
        }
    }

    private static InsnPrograms wide() {
        int bytes = 8 + 8 * EDGES.length;
        Asm asm = begin(EDGES.length);
        for (int i = 0; i < EDGES.length; i++) {
            asm.lddw(R3, EDGES[i]).stx(64, R6, 8 + 8 * i, R3);
        }
        return end(asm, bytes, singles(EDGES, bytes));
    }

    private static InsnPrograms packet(Opcode row) {
        int bytes = 8 + 8 * 8;
        Asm asm = begin(EDGES.length);
        for (int i = 0; i < 8; i++) {
            int at = i < 4 ? i : 72 * i;
            int src = 0;
            if (row.kind() == Kind.LD_IND) {
                // only the lower half of the register counts
                asm.lddw(R3, 0x5_0000_0000L | (at + 10)).op(row, 0, R3.number(), 0, -10);
            } else {
                asm.op(row, 0, src, 0, at);
            }
            asm.stx(64, R6, 8 + 8 * i, R0);
        }
        return end(asm, bytes, singles(EDGES, bytes));
    }

    // endregion

    // region control flow

    private static InsnPrograms jump(Opcode row) {
        Asm asm = begin(EDGES.length);
        asm.ldx(64, R3, R6, 0).to("ahead", row, 0, 0, 0);
        asm.label("behind").add64(R3, 3).to("out", row, 0, 0, 0);
        asm.label("ahead")
                .mul64(R3, 5)
                .to("next", row, 0, 0, 0)
                .label("next")
                .to("behind", row, 0, 0, 0);
        asm.label("out").stx(64, R6, 8, R3);
        return end(asm, 16, singles(EDGES, 16));
    }

    /**
     * Eight frames; each fills its stack and its registers, and finds them as they were after the
     * call.
     */
    private static InsnPrograms call() {
        int frames = 8;
        Asm asm = Asm.program().mov64(R6, R1).mov64(R7, EDGES.length).label("loop");
        asm.ldx(64, R1, R6, 0).mov64(Asm.R2, 2).mov64(R3, R1).mov64(R4, 4).mov64(R5, -5);
        asm.callSubprog("f1").stx(64, R6, 8, R0);
        asm.add64(R6, 16).sub64(R7, 1).jne(R7, 0, "loop").mov64(R0, 0).exit();
        for (int i = 1; i < frames; i++) {
            asm.label("f" + i)
                    .mov64(R6, R1)
                    .add64(R6, i)
                    .mov64(R7, Asm.R2)
                    .mov64(R8, R3)
                    .xor64(R8, i);
            asm.mov64(R9, R5).mul64(R9, R4);
            for (int off = -512; off < 0; off += 8) {
                asm.stx(64, R10, off, off % 16 == 0 ? R6 : R8);
            }
            if (i + 1 < frames) {
                asm.mov64(R1, R8).mov64(Asm.R2, R6).mov64(R3, R7).mov64(R4, R9).mov64(R5, i);
                asm.callSubprog("f" + (i + 1));
            } else {
                asm.mov64(R0, R10).sub64(R0, R10);
            }
            for (int off = -512; off < 0; off += 8) {
                asm.ldx(64, R3, R10, off).mul64(R0, 31).add64(R0, R3);
            }
            asm.xor64(R0, R6).add64(R0, R7).xor64(R0, R8).add64(R0, R9).exit();
        }
        return new InsnPrograms(asm.bytes(), singles(EDGES, 16), EDGES.length);
    }

    /** {@code bpf_get_smp_processor_id}. */
    private static InsnPrograms helper() {
        Asm asm = begin(EDGES.length);
        asm.ldx(64, R0, R6, 0).call(8).add64(R0, 7).stx(64, R6, 8, R0);
        return end(asm, 16, singles(EDGES, 16));
    }

    /** A function that is called through each register; the evaluator plays it as a helper. */
    private static InsnPrograms callx() {
        Asm asm = Asm.program().mov64(R6, R1).mov64(R7, EDGES.length).label("loop");
        int result = 8;
        for (Asm.Reg register : new Asm.Reg[] {R0, R5, R8, R9}) {
            asm.ldx(64, R1, R6, 0).mov64(Asm.R2, 2).mov64(R3, R1).mov64(R4, 4).mov64(R5, 5);
            asm.lddwFunction(register, "function");
            if (register == R5) {
                asm.mov64(R4, 4);
            }
            asm.callx(register).stx(64, R6, result, R0);
            result += 8;
        }
        asm.add64(R6, 40).sub64(R7, 1).jne(R7, 0, "loop").mov64(R0, 0).exit();
        asm.label("function")
                .mov64(R0, R1)
                .mul64(R0, 3)
                .add64(R0, Asm.R2)
                .xor64(R0, R3)
                .add64(R0, R4);
        asm.mov64(R6, 0).mov64(R7, 0).mov64(R8, 0).mov64(R9, 0).exit();
        return new InsnPrograms(asm.bytes(), singles(EDGES, 40), EDGES.length);
    }

    /** What {@link #callx} calls. */
    static long callxFunction(long r1, long r2, long r3, long r4) {
        return ((r1 * 3 + r2) ^ r3) + r4;
    }

    private static InsnPrograms exit() {
        Asm asm = begin(EDGES.length);
        asm.ldx(64, R1, R6, 0).callSubprog("early").stx(64, R6, 8, R0);
        asm.add64(R6, 16).sub64(R7, 1).jne(R7, 0, "loop").mov64(R0, -3).exit();
        asm.label("early")
                .mov64(R0, R1)
                .jsgt(R1, 0, "late")
                .exit()
                .label("late")
                .mov64(R0, 9)
                .exit();
        return new InsnPrograms(asm.bytes(), singles(EDGES, 16), EDGES.length);
    }

    private static InsnPrograms mayGoto() {
        Asm asm = begin(EDGES.length);
        asm.mov64(R3, 0).label("inner").mayGoto("out").add64(R3, 1).jlt(R3, 1000, "inner");
        asm.label("out").stx(64, R6, 8, R3);
        return end(asm, 16, singles(EDGES, 16));
    }

    // endregion

    private static Asm begin(int records) {
        return Asm.program().mov64(R6, R1).mov64(R7, records).label("loop");
    }

    private static InsnPrograms end(Asm asm, int bytes, byte[] memory) {
        asm.add64(R6, bytes).sub64(R7, 1).jne(R7, 0, "loop").lddw(R0, 0x1_8000_0001L).exit();
        return new InsnPrograms(asm.bytes(), memory, memory.length / bytes);
    }

    private static byte[] singles(long[] values, int bytes) {
        ByteBuffer memory =
                ByteBuffer.allocate(values.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            memory.putLong(i * bytes, values[i]);
        }
        return memory.array();
    }

    private static byte[] pairs(long[] values, int bytes) {
        ByteBuffer memory =
                ByteBuffer.allocate(values.length * values.length * bytes)
                        .order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        for (long first : values) {
            for (long second : values) {
                memory.putLong(at, first).putLong(at + 8, second);
                at += bytes;
            }
        }
        return memory.array();
    }
}

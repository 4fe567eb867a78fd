package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R10;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R6;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The evaluator computes what the standard says, worked out here with unbounded integers. */
class EvaluatorTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final BigInteger TWO = BigInteger.TWO;
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        -2,
        7,
        -7,
        31,
        32,
        33,
        63,
        64,
        65,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        0x7f,
        0x80,
        0x7fff,
        0x8000,
        0x0123_4567_89ab_cdefL
    };

    static Stream<Opcode> aluRows() {
        return Arrays.stream(Opcode.values()).filter(row -> row.kind() == Kind.ALU);
    }

    static Stream<Opcode> jumpRows() {
        return Arrays.stream(Opcode.values()).filter(row -> row.kind() == Kind.JCC);
    }

    @ParameterizedTest
    @MethodSource("aluRows")
    void arithmetic(Opcode row) {
        for (long a : EDGES) {
            for (long b : EDGES) {
                for (ByteOrder order : List.of(LITTLE, ByteOrder.BIG_ENDIAN)) {
                    int imm = row.operand() == Operand.IMM ? (int) b : 0;
                    byte[] code =
                            Asm.program()
                                    .lddw(R0, a)
                                    .lddw(R1, b)
                                    .op(row, 0, row.operand() == Operand.REG ? 1 : 0, 0, imm)
                                    .exit()
                                    .bytes(order);
                    long second = row.operand() == Operand.IMM ? imm : b;
                    assertEquals(
                            expected(row, a, second, order),
                            new Evaluator(code, order).run(),
                            () -> row + " " + a + ", " + b + " " + order);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jumpRows")
    void conditions(Opcode row) {
        for (long a : EDGES) {
            for (long b : EDGES) {
                int imm = row.operand() == Operand.IMM ? (int) b : 0;
                byte[] code =
                        Asm.program()
                                .lddw(R1, a)
                                .lddw(R2, b)
                                .mov64(R0, 1)
                                .to("taken", row, 1, row.operand() == Operand.REG ? 2 : 0, imm)
                                .mov64(R0, 0)
                                .label("taken")
                                .exit()
                                .bytes();
                long second = row.operand() == Operand.IMM ? imm : b;
                assertEquals(
                        holds(row, a, second) ? 1 : 0,
                        new Evaluator(code, LITTLE).run(),
                        () -> row + " " + a + ", " + b);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Atomic.class)
    void atomics(Atomic operation) {
        for (int bits : new int[] {32, 64}) {
            for (long r0 : new long[] {5, 6}) {
                byte[] code =
                        Asm.program()
                                .mov64(R6, R1)
                                .lddw(R0, r0)
                                .lddw(R2, 0xf_0000_0003L)
                                .atomic(operation, bits, R6, 8, R2)
                                .stx(64, R6, 16, R2)
                                .exit()
                                .bytes();
                byte[] memory = new byte[24];
                ByteBuffer view = ByteBuffer.wrap(memory).order(LITTLE);
                view.putLong(8, 0x1_0000_0005L);
                long result = Evaluator.run(code, LITTLE, memory);
                long mask = bits == 32 ? 0xffff_ffffL : -1;
                long old = 0x1_0000_0005L & mask;
                boolean equal = old == (r0 & mask);
                long src = 0xf_0000_0003L & mask;
                long now =
                        switch (operation) {
                            case ADD, FETCH_ADD -> old + src;
                            case OR, FETCH_OR -> old | src;
                            case AND, FETCH_AND -> old & src;
                            case XOR, FETCH_XOR -> old ^ src;
                            case XCHG -> src;
                            case CMPXCHG -> equal ? src : old;
                        };
                boolean fetch = operation.name().startsWith("FETCH") || operation == Atomic.XCHG;
                String name = operation + " " + bits + " " + r0;
                assertEquals((now & mask) | (0x1_0000_0005L & ~mask), view.getLong(8), name);
                assertEquals(fetch ? old : 0xf_0000_0003L, view.getLong(16), name);
                assertEquals(operation == Atomic.CMPXCHG ? old : r0, result, name);
            }
        }
    }

    @Test
    void loadsExtendAndStoresCut() {
        byte[] memory = new byte[32];
        byte[] code =
                Asm.program()
                        .st(64, R1, 0, 0xffff_ff80)
                        .ldx(8, R0, R1, 0)
                        .stx(64, R1, 8, R0)
                        .ldsx(8, R0, R1, 0)
                        .stx(32, R1, 16, R0)
                        .storeRelease(16, R1, 24, R0)
                        .loadAcquire(16, R0, R1, 24)
                        .exit()
                        .bytes();
        assertEquals(0xff80, Evaluator.run(code, LITTLE, memory));
        ByteBuffer expected = ByteBuffer.allocate(32).order(LITTLE);
        expected.putLong(-128).putLong(0x80).putInt(-128).putInt(0).putShort((short) -128);
        assertArrayEquals(expected.array(), memory);
    }

    @Test
    void callsKeepR6ToR9AndHaveTheirOwnStack() {
        byte[] code =
                Asm.program()
                        .mov64(R6, 40)
                        .st(64, R10, -8, 1)
                        .mov64(R1, 1)
                        .callSubprog("callee")
                        .add64(R0, R6)
                        .ldx(64, R1, R10, -8)
                        .add64(R0, R1)
                        .exit()
                        .label("callee")
                        .mov64(R6, R1)
                        .st(64, R10, -8, 99)
                        .mov64(R0, R6)
                        .exit()
                        .bytes();
        assertEquals(42, new Evaluator(code, LITTLE).run());
    }

    @Test
    void depthStepsAndBoundsAreLimited() {
        byte[] deep = Asm.program().label("again").callSubprog("again").exit().bytes();
        byte[] endless = Asm.program().label("again").ja("again").bytes();
        byte[] outside = Asm.program().ldx(64, R0, R10, -7).exit().bytes();
        assertFault("more than 8 frames", deep);
        assertFault("more than 10000000 steps", endless);
        assertFault("access of 8 bytes at 0x10ff9, slot 0", outside);
    }

    @Test
    void mayGotoEndsALoop() {
        byte[] code =
                Asm.program()
                        .mov64(R0, 0)
                        .label("head")
                        .mayGoto("end")
                        .add64(R0, 1)
                        .ja("head")
                        .label("end")
                        .exit()
                        .bytes();
        assertEquals(8 * 1024 * 1024, new Evaluator(code, LITTLE).maxSteps(100_000_000).run());
    }

    @Test
    void packetAccessEndsTheProgramOutside() {
        byte[] packet = {1, 2, 3, 4};
        byte[] inside = Asm.program().mov64(R1, 1).ldInd(16, R1, 1).exit().bytes();
        byte[] outside = Asm.program().mov64(R0, 7).ldAbs(32, 1).mov64(R0, 7).exit().bytes();
        assertEquals(0x0304, Evaluator.run(inside, LITTLE, packet));
        assertEquals(0, Evaluator.run(outside, LITTLE, packet));
    }

    private static void assertFault(String message, byte[] code) {
        Evaluator.Fault fault =
                assertThrows(Evaluator.Fault.class, () -> new Evaluator(code, LITTLE).run());
        assertEquals(message, fault.getMessage());
    }

    // region the standard in unbounded integers

    private static long expected(Opcode row, long a, long b, ByteOrder order) {
        int bits = row.bits();
        BigInteger ua = unsigned(a, bits);
        BigInteger ub = unsigned(b, bits);
        BigInteger sa = signed(a, bits);
        BigInteger sb = signed(b, bits);
        int count = ub.mod(BigInteger.valueOf(bits)).intValue();
        boolean zero = ub.signum() == 0;
        BigInteger result =
                switch ((Alu) row.operation()) {
                    case ADD -> ua.add(ub);
                    case SUB -> ua.subtract(ub);
                    case MUL -> ua.multiply(ub);
                    case DIV -> zero ? BigInteger.ZERO : ua.divide(ub);
                    case SDIV -> zero ? BigInteger.ZERO : sa.divide(sb);
                    case MOD -> zero ? ua : ua.mod(ub);
                    case SMOD -> zero ? ua : sa.remainder(sb);
                    case OR -> ua.or(ub);
                    case AND -> ua.and(ub);
                    case XOR -> ua.xor(ub);
                    case LSH -> ua.multiply(TWO.pow(count));
                    case RSH -> ua.divide(TWO.pow(count));
                    // rounds down, as the sign bit that comes in does
                    case ARSH -> sa.subtract(sa.mod(TWO.pow(count))).divide(TWO.pow(count));
                    case NEG -> sa.negate();
                    case MOV -> ub;
                    case MOVSX8 -> signed(b, 8);
                    case MOVSX16 -> signed(b, 16);
                    case MOVSX32 -> signed(b, 32);
                    case LE -> order == LITTLE ? ua : swapped(a, bits);
                    case BE -> order == LITTLE ? swapped(a, bits) : ua;
                    case BSWAP -> swapped(a, bits);
                };
        // whatever the width, the upper bits are zero
        return result.mod(TWO.pow(bits)).longValue();
    }

    private static boolean holds(Opcode row, long a, long b) {
        int bits = row.bits();
        int unsigned = unsigned(a, bits).compareTo(unsigned(b, bits));
        int signed = signed(a, bits).compareTo(signed(b, bits));
        return switch ((Jump) row.operation()) {
            case JEQ -> unsigned == 0;
            case JNE -> unsigned != 0;
            case JGT -> unsigned > 0;
            case JGE -> unsigned >= 0;
            case JLT -> unsigned < 0;
            case JLE -> unsigned <= 0;
            case JSGT -> signed > 0;
            case JSGE -> signed >= 0;
            case JSLT -> signed < 0;
            case JSLE -> signed <= 0;
            case JSET -> unsigned(a, bits).and(unsigned(b, bits)).signum() != 0;
        };
    }

    private static BigInteger unsigned(long value, int bits) {
        return BigInteger.valueOf(value).mod(TWO.pow(bits));
    }

    private static BigInteger signed(long value, int bits) {
        BigInteger unsigned = unsigned(value, bits);
        return unsigned.testBit(bits - 1) ? unsigned.subtract(TWO.pow(bits)) : unsigned;
    }

    private static BigInteger swapped(long value, int bits) {
        BigInteger out = BigInteger.ZERO;
        BigInteger rest = unsigned(value, bits);
        for (int i = 0; i < bits / 8; i++) {
            out = out.multiply(BigInteger.valueOf(256)).add(rest.mod(BigInteger.valueOf(256)));
            rest = rest.divide(BigInteger.valueOf(256));
        }
        return out;
    }

    // endregion
}

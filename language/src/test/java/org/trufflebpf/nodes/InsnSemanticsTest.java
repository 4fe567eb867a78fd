package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R3;
import static org.trufflebpf.insn.Asm.R6;

import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.insn.Asm;
import org.trufflebpf.insn.Evaluator;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.testing.Mode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every row of the opcode table at the edges of its operands, in every mode, against {@link
 * Evaluator}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InsnSemanticsTest {
    private static final int PROCESSOR_ID = 8;

    private final Map<Mode, Guest> guests = new EnumMap<>(Mode.class);

    private Guest guest(Mode mode) {
        return guests.computeIfAbsent(mode, Guest::new);
    }

    @AfterAll
    void close() {
        guests.values().forEach(Guest::close);
    }

    /**
     * All rows but two: kernel functions need an object's BTF (fixture loader/ksym), casts are
     * below.
     */
    static Stream<Arguments> rows() {
        return Stream.of(Opcode.values())
                .filter(row -> row.kind() != Kind.CALL_KFUNC && row.kind() != Kind.ADDR_SPACE_CAST)
                .flatMap(row -> Stream.of(Mode.values()).map(mode -> Arguments.of(row, mode)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    void rowDoesWhatTheStandardSays(Opcode row, Mode mode) {
        InsnPrograms program = InsnPrograms.of(row);
        byte[] expected = program.memory().clone();
        long r0 =
                new Evaluator(forEvaluator(program.code()), ByteOrder.LITTLE_ENDIAN)
                        .memory(expected)
                        .helper(
                                (number, r1, r2, r3, r4, r5) ->
                                        row.kind() == Kind.CALLX
                                                ? InsnPrograms.callxFunction(r1, r2, r3, r4)
                                                : helper(number))
                        .run();
        Value entry = guest(mode).program(program.code());
        // the back edges of all runs together enter OSR; the run after that begins in the
        // interpreter again
        int runs = mode == Mode.OSR ? 2 + Mode.OSR_STRIDE / program.records() : 1;
        for (int i = 0; i < runs; i++) {
            Guest.Result actual = Guest.run(entry, program.memory());
            assertEquals(r0, actual.r0(), "r0");
            assertArrayEquals(expected, actual.data());
        }
    }

    /**
     * The evaluator has no addresses of functions: plain numbers instead, as it calls a helper for
     * any.
     */
    private static byte[] forEvaluator(byte[] code) {
        byte[] plain = code.clone();
        for (int at = 0; at < plain.length; at += Insn.SLOT_BYTES) {
            if (plain[at] == Opcode.LDDW.code()) {
                plain[at + 1] &= 0xf;
            }
        }
        return plain;
    }

    private static long helper(int number) {
        assertEquals(PROCESSOR_ID, number);
        return 0;
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void addressSpaceCastKeepsTheLowerHalf(Mode mode) {
        Asm asm =
                Asm.program()
                        .mov64(R6, R1)
                        .mov64(R2, InsnPrograms.EDGES.length)
                        .label("loop")
                        .ldx(64, R3, R6, 0);
        asm.addrSpaceCast(R0, R3, 1)
                .stx(64, R6, 0, R0)
                .addrSpaceCast(R3, R3, 1 << 16)
                .stx(64, R6, 8, R3);
        asm.add64(R6, 16).sub64(R2, 1).jne(R2, 0, "loop").exit();
        ByteBuffer memory =
                ByteBuffer.allocate(16 * InsnPrograms.EDGES.length).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer expected = ByteBuffer.allocate(memory.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : InsnPrograms.EDGES) {
            memory.putLong(value).putLong(0);
            expected.putLong(value & 0xffff_ffffL).putLong(value & 0xffff_ffffL);
        }
        assertArrayEquals(expected.array(), guest(mode).run(asm.bytes(), memory.array()).data());
    }

    /** {@code callx.data} of the public conformance suite: the register holds a helper's number. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void callxCallsHelperOfConformanceSuite(Mode mode) {
        Asm asm = Asm.program().mov64(R1, -7).mov64(R2, 5).callx(R2).exit();
        try (Guest guest = new Guest(mode.context().option("ebpf.Conformance", "true").build())) {
            assertEquals(-7, guest.run(asm.bytes(), null).r0());
        }
    }

    /** RFC 9669 section 5.5: outside of the packet the program ends, and its result is 0. */
    static Stream<Arguments> packetRows() {
        return Stream.of(Opcode.values())
                .filter(row -> row.kind() == Kind.LD_ABS || row.kind() == Kind.LD_IND)
                .flatMap(row -> Stream.of(Mode.values()).map(mode -> Arguments.of(row, mode)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("packetRows")
    void packetAccessOutOfBoundsEndsTheProgram(Opcode row, Mode mode) {
        int length = 16;
        int last = length - row.bits() / 8;
        for (int at :
                new int[] {
                    last, last + 1, length, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, -0x100000
                }) {
            Asm asm = Asm.program().mov64(R6, R1).mov64(R0, 5).st(8, R1, 0, 1).mov64(R3, 3);
            if (row.kind() == Kind.LD_IND) {
                asm.op(row, 0, R3.number(), 0, at - 3);
            } else {
                asm.op(row, 0, 0, 0, at);
            }
            byte[] code = asm.st(8, R6, 1, 2).mov64(R0, 7).exit().bytes();
            Guest.Result result = guest(mode).run(code, new byte[length]);
            assertEquals(at == last ? 7 : 0, result.r0(), () -> "offset " + at);
            assertEquals(1, result.data()[0]);
            assertEquals(at == last ? 2 : 0, result.data()[1], () -> "offset " + at);
        }
    }

    /** The kernel: {@code BPF_MAX_LOOPS} in one call of a function, however many loops it has. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void mayGotoLeavesLoopWhenBudgetIsUsedUp(Mode mode) {
        Asm asm = Asm.program().mov64(R0, 0).label("loop").mayGoto("out").add64(R0, 1).ja("loop");
        asm.label("out").mayGoto("end").add64(R0, 100).label("end").exit();
        assertEquals(8 * 1024 * 1024, guest(mode).run(asm.bytes(), null).r0());
    }

    /** The 32-bit jump reaches where 16 bits do not. */
    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"INTERPRETED", "COMPILED"})
    void gotolReachesBeyond16Bits(Mode mode) {
        Asm asm = Asm.program().gotol("far").label("near").add64(R0, 1).exit();
        for (int i = 0; i < 70_000; i++) {
            asm.insn(Insn.of(Opcode.MOV64_IMM, 3, 0, 0, i));
        }
        asm.exit().label("far").mov64(R0, 41).gotol("near");
        assertEquals(42, guest(mode).run(asm.bytes(), null).r0());
    }
}

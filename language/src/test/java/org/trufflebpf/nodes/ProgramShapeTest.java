package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R10;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R3;
import static org.trufflebpf.insn.Asm.R6;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.insn.Asm;
import org.trufflebpf.insn.Evaluator;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.testing.Mode;
import org.trufflebpf.testing.ProgramShape;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Programs by their shape: big, deep, endless. */
class ProgramShapeTest {
    private static final int XDP = 6;
    private static final Pattern DONE = Pattern.compile("opt done .* main +\\|");
    private static final Pattern OSR_DONE = Pattern.compile("opt done .* main<OSR");

    @ParameterizedTest
    @EnumSource(Mode.class)
    void modesDoWhatTheirNamesSay(Mode mode) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        Asm asm =
                Asm.program().mov64(R0, 0).label("loop").add64(R0, 1).jlt(R0, 5000, "loop").exit();
        try (Guest guest =
                new Guest(
                        mode.context()
                                .option("engine.TraceCompilation", "true")
                                .logHandler(log)
                                .build())) {
            assertEquals(5000, guest.run(asm.bytes(), null).r0());
        }
        String text = log.toString(StandardCharsets.UTF_8);
        assertEquals(mode == Mode.COMPILED, DONE.matcher(text).find(), text);
        assertEquals(mode == Mode.OSR, OSR_DONE.matcher(text).find(), text);
    }

    // ---- size

    /** A bail-out is an error, and each region that runs is compiled. */
    @ParameterizedTest
    @CsvSource({
        "STRAIGHT,4096",
        "BRANCHY,4096",
        "LOOPS,4096",
        "MACHINE,4096",
        "BRANCHY,16384",
        "LOOPS,16384",
        "MACHINE,16384"
    })
    void bigProgramIsCompiled(ProgramShape shape, int insns) {
        compareWithEvaluator(Mode.COMPILED, shape, insns);
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({
        "STRAIGHT,16384",
        "STRAIGHT,65536",
        "BRANCHY,65536",
        "LOOPS,65536",
        "MACHINE,65536",
        "BRANCHY,1000000"
    })
    void biggerProgramIsCompiled(ProgramShape shape, int insns) {
        compareWithEvaluator(Mode.COMPILED, shape, insns);
    }

    @ParameterizedTest
    @CsvSource({
        "STRAIGHT,65536",
        "BRANCHY,65536",
        "STRAIGHT,1000000",
        "BRANCHY,1000000",
        "LOOPS,1000000",
        "MACHINE,1000000"
    })
    void hugeProgramIsInterpreted(ProgramShape shape, int insns) {
        compareWithEvaluator(Mode.INTERPRETED, shape, insns);
    }

    private static void compareWithEvaluator(Mode mode, ProgramShape shape, int insns) {
        byte[] code = shape.program(insns);
        byte[] memory = {1, 2, 3, 4, 5, 6, 7, 8};
        // compiling takes as long as it takes
        try (Guest guest = new Guest(mode.context().option("ebpf.Timeout", "0").build())) {
            Value program = guest.program(code);
            long expected = Evaluator.run(code, ByteOrder.LITTLE_ENDIAN, memory.clone());
            for (int i = 0; i < 3; i++) {
                assertEquals(expected, Guest.run(program, memory).r0());
            }
        }
    }

    // ---- depth

    /** A chain of functions; {@code frames} counts the entry. */
    private static byte[] chain(int frames) {
        Asm asm = Asm.program();
        for (int i = 0; i < frames; i++) {
            asm.label("f" + i).st(64, R10, -8, i);
            if (i + 1 < frames) {
                asm.callSubprog("f" + (i + 1));
            } else {
                asm.mov64(R0, 0);
            }
            asm.ldx(64, R1, R10, -8).add64(R0, R1).exit();
        }
        return asm.bytes();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void eightFramesAreAccepted(Mode mode) {
        try (Guest guest = new Guest(mode)) {
            assertEquals(28, guest.run(chain(8), null).r0());
        }
    }

    @Test
    void ninthFrameIsRefusedInTheKernelsWords() {
        refusedAsTheKernelDoes(chain(9), "the call stack of 9 frames is too deep");
    }

    @Test
    void recursionIsRefused() {
        Asm asm =
                Asm.program()
                        .callSubprog("f")
                        .exit()
                        .label("f")
                        .mov64(R0, 0)
                        .callSubprog("g")
                        .exit();
        asm.label("g").callSubprog("f").exit();
        assertEquals("recursive call from sub_5() to sub_2()", refusal(asm.bytes()));
        assertEquals(
                "recursive call from main() to main()",
                refusal(Asm.program().label("main").callSubprog("main").exit().bytes()));
    }

    private static String refusal(byte[] code) {
        try (Guest guest = new Guest(Mode.INTERPRETED)) {
            Value program = guest.program(code);
            PolyglotException e =
                    assertThrows(PolyglotException.class, () -> program.invokeMember("load"));
            assertEquals("verify", Guest.member(e, "phase"), e::getMessage);
            assertEquals("REJECTED", Guest.member(e, "failure"));
            return Guest.member(e, "message");
        }
    }

    private static void refusedAsTheKernelDoes(byte[] code, String words) {
        assertEquals(words, refusal(code));
        Assumptions.assumeTrue(KernelBpf.isPermitted(), KernelBpf::refusal);
        KernelBpfException kernel =
                assertThrows(
                        KernelBpfException.class, () -> KernelBpf.progLoad(XDP, 0, code, "GPL", 1));
        assertTrue(kernel.getMessage().contains(words), kernel::getMessage);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void thirtyThreeTailCallsAndNoMore(Mode mode) {
        try (Guest guest = new Guest(mode)) {
            Value object = guest.fixture("calls/tail_limit.o");
            object.getMember("maps").getMember("jumps").invokeMember("set", "0", "again");
            Value program = object.getMember("programs").getMember("again");
            for (int run = 1; run <= 3; run++) {
                assertEquals(5, Guest.run(program, new byte[64]).retval());
                Value globals = object.getMember("maps").getMember(".bss").invokeMember("entries");
                byte[] out = Guest.bytes(globals.getArrayElement(0).getMember("value"));
                assertEquals(34 * run, out[0], "the program itself and 33 tail calls in each run");
            }
        }
    }

    // ---- time

    @ParameterizedTest
    @EnumSource(Mode.class)
    void endlessLoopIsStopped(Mode mode) {
        Asm tight = Asm.program().label("loop").ja("loop").exit();
        Asm nested = Asm.program().mov64(R6, 0).label("outer").mov64(R3, 0);
        nested.label("inner").add64(R3, 1).jlt(R3, 100, "inner").callSubprog("f").ja("outer");
        nested.label("f").mov64(R0, 0).exit();
        try (Guest guest = new Guest(mode.context().option("ebpf.Timeout", "1").build())) {
            for (Asm asm : new Asm[] {tight, nested}) {
                Value program = guest.program(asm.bytes());
                PolyglotException e =
                        assertThrows(PolyglotException.class, () -> Guest.run(program, null));
                assertTrue(e.isGuestException());
                assertEquals("LIMIT", Guest.member(e, "failure"));
                assertEquals("run", Guest.member(e, "phase"));
                assertEquals(
                        "the program ran longer than 1 s and was stopped; is there an endless loop?"
                                + " (limit: --timeout)",
                        Guest.member(e, "message"));
            }
            assertEquals(28, patiently(guest.program(chain(8))), "the context still works");
        }
    }

    /** Its first check, made for an object not met before, leaves code of the last tier. */
    @Test
    void endlessLoopIsStoppedAfterCompiledCodeWasLeft() {
        Asm asm = Asm.program().ldx(64, R2, R1, 0).label("loop").ja("loop").exit();
        try (Guest guest =
                new Guest(
                        Mode.COMPILED
                                .context()
                                .option("engine.MultiTier", "false")
                                .option("ebpf.Timeout", "1")
                                .build())) {
            Value program = guest.program(asm.bytes());
            PolyglotException e =
                    assertThrows(PolyglotException.class, () -> Guest.run(program, new byte[8]));
            assertEquals("LIMIT", Guest.member(e, "failure"));
        }
    }

    /** On a busy machine the compiler alone may take a second; the next run finds its code. */
    private static long patiently(Value program) {
        for (int i = 0; i < 10; i++) {
            try {
                return Guest.run(program, null).r0();
            } catch (PolyglotException e) {
                assertEquals("LIMIT", Guest.member(e, "failure"));
            }
        }
        return Guest.run(program, null).r0();
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 2, Short.MAX_VALUE, Short.MIN_VALUE})
    void jumpOutOfTheProgramIsRefused(int off) {
        byte[] code =
                Asm.program().insn(Insn.of(Opcode.JA, 0, 0, off, 0)).mov64(R0, 0).exit().bytes();
        if (off == 2) {
            assertEquals("jump out of range from insn 0 to 3", refusal(code));
        } else {
            assertFalse(refusal(code).isEmpty());
        }
    }
}

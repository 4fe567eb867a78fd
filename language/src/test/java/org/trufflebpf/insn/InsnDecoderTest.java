package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Where;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Reading and writing are each other's way back, and nothing but a row of the table is read. */
class InsnDecoderTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;
    private static final List<Opcode> ROWS = List.of(Opcode.values());
    private static final Where WHERE = Where.file("x.o").inSection("xdp").inProgram("f");

    @ParameterizedTest
    @EnumSource(Opcode.class)
    void everyRowComesBack(Opcode row) {
        for (Insn insn : Samples.of(row)) {
            for (ByteOrder order : List.of(LITTLE, BIG)) {
                byte[] bytes = InsnEncoder.encode(insn, order);
                assertEquals(List.of(insn), InsnDecoder.decode(bytes, order, WHERE));
                assertEquals(insn.slots() * Insn.SLOT_BYTES, bytes.length);
            }
        }
    }

    @Test
    void aWholeProgramComesBackWithItsIndices() {
        List<Insn> insns = Samples.all();
        assertEquals(insns, InsnDecoder.decode(InsnEncoder.encode(insns, LITTLE), LITTLE, WHERE));
    }

    @Test
    void bigEndianSwapsNibblesAndFields() {
        Insn insn = Insn.of(Opcode.ST32, 3, 0, 0x1234, 0x5678_9abc);
        assertEquals("62 03 34 12 bc 9a 78 56", hex(InsnEncoder.encode(insn, LITTLE)));
        assertEquals("62 30 12 34 56 78 9a bc", hex(InsnEncoder.encode(insn, BIG)));
    }

    @Test
    void callxOfOldClangHasItsRegisterInTheImmediate() {
        Insn old = InsnDecoder.decode(bytes("8d 00 00 00 03 00 00 00"), LITTLE, WHERE).getFirst();
        Insn now = InsnDecoder.decode(bytes("8d 03 00 00 00 00 00 00"), LITTLE, WHERE).getFirst();
        assertEquals(3, old.dst());
        assertEquals(3, now.dst());
        assertEquals("8d 00 00 00 03 00 00 00", hex(InsnEncoder.encode(old, LITTLE)));
    }

    /** Each line of the file is an encoding and what is said of it. */
    @Test
    void malformedInstructionsAreRefusedByName() throws Exception {
        Path file = GoldenFile.resource("malformed.txt");
        StringBuilder actual = new StringBuilder();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.startsWith("#") || line.isBlank()) {
                actual.append(line).append('\n');
                continue;
            }
            String code = line.split(" *=> *", 2)[0];
            BpfException refusal =
                    assertThrows(
                            BpfException.class,
                            () -> InsnDecoder.decode(bytes(code), LITTLE, WHERE),
                            () -> code);
            assertTrue(refusal.where().insn() >= 0, code);
            actual.append(code + " => " + refusal.failure() + " " + refusal.describe() + "\n");
        }
        GoldenFile.check(file, actual.toString());
    }

    @Test
    void aCutInstructionIsRefused() {
        BpfException refusal =
                assertThrows(
                        BpfException.class, () -> InsnDecoder.decode(new byte[12], LITTLE, WHERE));
        assertEquals(
                "x.o: section xdp: program f: the code has 12 bytes, expected a multiple of 8",
                refusal.describe());
    }

    @Test
    void everyUnknownCodeIsRefused() {
        for (int code = 0; code < 256; code++) {
            byte[] slot = {(byte) code, 0, 0, 0, 0, 0, 0, 0};
            if (Opcode.rows(code).length == 0) {
                BpfException refusal =
                        assertThrows(
                                BpfException.class, () -> InsnDecoder.decode(slot, LITTLE, WHERE));
                assertEquals(Failure.MALFORMED, refusal.failure());
                assertTrue(refusal.getMessage().contains("unknown opcode"), refusal.getMessage());
            }
        }
    }

    /** Of every row, every field set that must be zero, and every register field above r10. */
    @ParameterizedTest
    @EnumSource(Opcode.class)
    void everyBitOutsideTheRowIsRefusedOrAnotherRow(Opcode row) {
        for (Insn insn : Samples.of(row)) {
            byte[] valid = InsnEncoder.encode(insn, LITTLE);
            for (int bit = 8; bit < 64; bit++) {
                byte[] changed = valid.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                try {
                    List<Insn> read = InsnDecoder.decodeForm(changed, LITTLE, WHERE);
                    assertArrayEquals(changed, InsnEncoder.encode(read, LITTLE));
                } catch (BpfException refusal) {
                    assertEquals(Failure.MALFORMED, refusal.failure());
                    assertEquals(0, refusal.where().insn());
                }
            }
        }
    }

    @Test
    void randomBytesAreReadExactlyOrRefused() {
        long seed = System.nanoTime();
        RandomGenerator random = new SplittableRandom(seed);
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] code =
                    new byte
                            [random.nextInt(5) * 8
                                    + (random.nextInt(20) == 0 ? random.nextInt(8) : 0)];
            random.nextBytes(code);
            for (int slot = 0; slot + 8 <= code.length && random.nextInt(4) > 0; slot += 8) {
                // near enough to something valid to get past the first check
                List<Insn> samples = Samples.of(ROWS.get(random.nextInt(ROWS.size())));
                byte[] valid =
                        InsnEncoder.encode(samples.get(random.nextInt(samples.size())), LITTLE);
                System.arraycopy(valid, 0, code, slot, 8);
                code[slot + random.nextInt(8)] ^=
                        (byte) (random.nextInt(3) == 0 ? 1 << random.nextInt(8) : 0);
            }
            ByteOrder order = random.nextBoolean() ? LITTLE : BIG;
            try {
                List<Insn> insns = InsnDecoder.decode(code, order, WHERE);
                assertArrayEquals(code, InsnEncoder.encode(insns, order), () -> "seed " + seed);
                insns.forEach(insn -> assertFalse(insn.toString().isEmpty()));
                read++;
                InsnDecoder.checkJumps(insns, WHERE);
            } catch (BpfException refusal) {
                assertTrue(
                        refusal.describe().startsWith("x.o: section xdp: program f"),
                        () -> "seed " + seed);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(read > 1000, "seed " + seed + ": only " + read + " were valid");
    }

    @Test
    void theFormAloneMayBreakLoadRules() {
        byte[] code = Asm.program().div64(Asm.R1, 0).mov64(Asm.R10, 1).lsh32(Asm.R1, 32).bytes();
        List<String> broken = new ArrayList<>();
        InsnDecoder.decodeForm(code, LITTLE, WHERE)
                .forEach(insn -> broken.add(LoadRules.broken(insn)));
        assertEquals(
                List.of(
                        "div by zero: imm is 0, expected another number",
                        "frame pointer is read only: r10 would be written, expected r0 to r9",
                        "invalid shift 32, expected 0 to 31"),
                broken);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static String hex(byte[] bytes) {
        return Disassembler.hex(bytes, 0, bytes.length);
    }
}

package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.insn.Asm.R0;

import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.insn.Asm;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.InsnEncoder;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.insn.ProgramGenerator;
import org.trufflebpf.insn.ProgramGenerator.Profile;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.testing.Mode;
import org.trufflebpf.testing.Seed;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Instruction streams that nobody meant: cut, random, with flipped bits. They may be refused,
 * fault, run out of time or run through; never may anything but a failure of the guest come out.
 */
@Timeout(600)
class BadProgramTest {
    private static final Set<String> PHASES = Set.of("load", "verify", "run");

    private final long seed = Seed.of("BadProgramTest");
    private final RandomGenerator random = new SplittableRandom(seed);
    private int ran;
    private int refused;
    private int faulted;
    private int stopped;

    @Test
    void cutAtEveryByte() {
        try (Guest guest = guest()) {
            for (int i = 0; i < 6; i++) {
                byte[] code = ProgramGenerator.generate(seed + i, Profile.ENGINE).code();
                for (int length = 0; length < code.length; length++) {
                    attempt(guest, Arrays.copyOf(code, length));
                }
            }
        }
        report();
        assertTrue(refused > 0);
    }

    @Test
    void randomBytes() {
        try (Guest guest = guest()) {
            for (int i = 0; i < 3000; i++) {
                byte[] code = new byte[8 * (1 + random.nextInt(20))];
                random.nextBytes(code);
                attempt(guest, code);
            }
        }
        report();
    }

    /** Valid instructions with other registers and jumps, in any order: most of them load. */
    @Test
    void randomInstructions() {
        randomInstructions(4000);
    }

    @Test
    @Tag("slow")
    void manyRandomInstructions() {
        randomInstructions(100_000);
    }

    private void randomInstructions(int count) {
        List<Insn> samples = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            samples.addAll(ProgramGenerator.generate(seed + i, Profile.ENGINE).insns());
        }
        try (Guest guest = guest()) {
            for (int i = 0; i < count; i++) {
                int insns = 1 + random.nextInt(30);
                Asm asm = Asm.program();
                for (int at = 0; at < insns; at++) {
                    asm.insn(changed(samples.get(random.nextInt(samples.size())), insns - at));
                }
                attempt(guest, asm.mov64(R0, 0).exit().bytes());
            }
        }
        report();
        assertTrue(ran > 0 && refused > 0 && faulted > 0);
    }

    private Insn changed(Insn insn, int left) {
        boolean jumps =
                switch (insn.opcode().kind()) {
                    case JCC, JA, MAY_GOTO -> true;
                    default -> false;
                };
        int off = insn.off();
        if (jumps) {
            // seldom back: an endless loop takes its second
            off = random.nextInt(500) == 0 ? -1 - random.nextInt(5) : random.nextInt(left);
        }
        int dst = insn.dst() == 0 ? 0 : random.nextInt(10);
        boolean register = insn.opcode().operand() == Operand.REG && insn.src() != 0;
        int src = register ? random.nextInt(11) : insn.src();
        return new Insn(0, insn.opcode(), dst, src, off, insn.imm(), insn.nextImm());
    }

    @Test
    void flippedBitsOfFixtures() throws IOException {
        flippedBits(20);
    }

    @Test
    @Tag("slow")
    void manyFlippedBitsOfFixtures() throws IOException {
        flippedBits(500);
    }

    private void flippedBits(int flipsOfEach) throws IOException {
        List<Path> objects;
        try (Stream<Path> files = Files.walk(Path.of("src/test/fixtures"))) {
            // those in link are halves that cannot be read alone
            objects =
                    files.filter(file -> file.toString().endsWith(".o"))
                            .filter(file -> !file.getParent().endsWith("link"))
                            .sorted()
                            .toList();
        }
        try (Guest guest = guest()) {
            for (Path object : objects) {
                for (ProgramSpec program :
                        ObjectReader.read(object.toString(), Files.readAllBytes(object))
                                .programs()) {
                    byte[] code = InsnEncoder.encode(program.insns(), ByteOrder.LITTLE_ENDIAN);
                    for (int i = 0; i < flipsOfEach; i++) {
                        byte[] flipped = code.clone();
                        int bit = random.nextInt(8 * code.length);
                        flipped[bit / 8] ^= (byte) (1 << bit % 8);
                        attempt(guest, flipped);
                    }
                }
            }
        }
        report();
        assertTrue(ran > 0 && refused > 0 && faulted > 0);
    }

    private static Guest guest() {
        return new Guest(
                Mode.INTERPRETED
                        .context()
                        .option("ebpf.Timeout", "1")
                        .option("ebpf.PrintTrace", "false")
                        .build());
    }

    private void attempt(Guest guest, byte[] code) {
        try {
            guest.run(code, new byte[64]);
            ran++;
        } catch (PolyglotException e) {
            String shown = HexFormat.of().formatHex(code) + ": " + e;
            assertFalse(e.isInternalError(), shown);
            assertTrue(e.isGuestException() && e.getGuestObject() != null, shown);
            String phase = Guest.member(e, "phase");
            assertTrue(PHASES.contains(phase), shown);
            assertFalse(Guest.member(e, "message").isBlank(), shown);
            assertEquals(1, Guest.member(e, "description").lines().count(), shown);
            if (!phase.equals("run")) {
                refused++;
            } else if (Guest.member(e, "failure").equals("LIMIT")) {
                stopped++;
            } else {
                faulted++;
            }
        }
    }

    private void report() {
        System.out.println(
                "bad programs: "
                        + ran
                        + " ran, "
                        + refused
                        + " refused, "
                        + faulted
                        + " faulted, "
                        + stopped
                        + " stopped");
    }
}

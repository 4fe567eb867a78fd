package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R2;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.insn.Asm;
import org.trufflebpf.testing.Mode;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Accesses out of bounds (fixture faults/wild): the error names object, offset, bound and C line;
 * the context lives on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WildAccessTest {
    private static final String[][] CASES = {
        {
            "null_read",
            "invalid read of 8 bytes at NULL: check the pointer before use",
            "return *(u64 *)p;"
        },
        {
            "null_field_write",
            "invalid write of 4 bytes at NULL + 16: check the pointer before use",
            "*(u32 *)(p + 16) = 1;"
        },
        {
            "stack_behind",
            "invalid read of 8 bytes at offset 508 of stack (512 bytes): out of bounds",
            "return *(u64 *)(r - 4);"
        },
        {
            "stack_before",
            "invalid write of 1 byte at offset -1 of stack (512 bytes): out of bounds",
            "*(u8 *)(r - 513) = 1;"
        },
        {
            "context_behind",
            "invalid read of 4 bytes at offset 24 of context (24 bytes): out of bounds",
            "return p[6];"
        },
        {
            "packet_behind",
            "invalid read of 1 byte at offset 64 of packet (64 bytes): out of bounds",
            "return end[0];"
        },
        {
            "packet_before",
            "invalid write of 1 byte at offset -1 of packet (64 bytes): out of bounds",
            "data[-1] = 1;"
        },
        {
            "value_behind",
            "invalid read of 8 bytes at offset 24 of map value of values (24 bytes): out of bounds",
            "return p[3];"
        },
        {
            "value_before",
            "invalid write of 8 bytes at offset -8 of map value of values (24 bytes): out of"
                    + " bounds",
            "p[-1] = 1;"
        },
        {
            "constant_write",
            "invalid write of 8 bytes at offset 8 of map value of .rodata (16 bytes): it is"
                    + " read-only",
            "p[1] = 3;"
        },
        {
            "handle_read",
            "invalid read of 8 bytes through a pointer to a map or function, which has no bytes",
            "return p[0];"
        },
        {
            "far_away",
            "invalid read of 8 bytes at 0xffffffff81000000, where no object is",
            "return p[0];"
        },
        {"misaligned_atomic", "misaligned atomic access to 8 bytes", "__sync_fetch_and_add(p, 1);"},
    };

    private final Map<Mode, Guest> guests = new EnumMap<>(Mode.class);

    @AfterAll
    void close() {
        guests.values().forEach(Guest::close);
    }

    static Stream<Arguments> cases() {
        return Stream.of(CASES)
                .flatMap(
                        row ->
                                Stream.of(Mode.values())
                                        .map(mode -> Arguments.of(row[0], mode, row[1], row[2])));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void faultNamesObjectAndLine(String name, Mode mode, String message, String line) {
        Value object = guests.computeIfAbsent(mode, Guest::new).fixture("faults/wild.o");
        Value program = object.getMember("programs").getMember(name);
        // again: compiled code has met the fault by then
        for (int i = 0; i < 3; i++) {
            PolyglotException e =
                    assertThrows(PolyglotException.class, () -> Guest.run(program, new byte[64]));
            assertTrue(e.isGuestException());
            assertFalse(e.isInternalError());
            assertEquals("run", Guest.member(e, "phase"));
            assertEquals("TRAP", Guest.member(e, "failure"));
            assertEquals(message, Guest.member(e, "message"));
            assertEquals(name, Guest.member(e, "program"));
            String source = Guest.member(e, "source");
            assertTrue(source.startsWith("wild.c:") && source.endsWith(line), source);
        }
        Value table = object.getMember("maps").getMember("table");
        table.invokeMember("update", ByteBuffer.wrap(new byte[4]), ByteBuffer.wrap(new byte[8]));
        Value counter = object.getMember("programs").getMember("counter");
        byte[] packet = new byte[64];
        packet[0] = 2;
        assertEquals(2, Guest.run(counter, packet).retval(), "the context still works");
    }

    /** The registers are any numbers: nothing that they address may reach the host's memory. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void noAddressReachesTheHost(Mode mode) {
        Asm read = Asm.program().ldx(64, R2, R1, 0).ldx(64, R0, R2, 0).exit();
        Asm write = Asm.program().ldx(64, R2, R1, 0).stx(64, R2, 0, R2).mov64(R0, 0).exit();
        try (Guest guest = new Guest(mode)) {
            for (Asm asm : new Asm[] {read, write}) {
                Value program = guest.program(asm.bytes());
                for (int bit = 0; bit < 64; bit++) {
                    for (long address :
                            new long[] {1L << bit, (1L << bit) - 1, -1L << bit, (1L << bit) - 7}) {
                        byte[] memory = new byte[8];
                        for (int i = 0; i < 8; i++) {
                            memory[i] = (byte) (address >> (8 * i));
                        }
                        try {
                            Guest.run(program, memory);
                        } catch (PolyglotException e) {
                            assertTrue(e.isGuestException(), e::getMessage);
                            assertEquals("TRAP", Guest.member(e, "failure"), e::getMessage);
                        }
                    }
                }
            }
        }
    }
}

package org.trufflebpf.elf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

class ElfFileTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    private static byte[] sample(ByteOrder order) {
        ElfBuilder builder = new ElfBuilder(order);
        int code = builder.code("xdp", ElfBuilder.returns(2, order));
        builder.nobits(".bss", 1000);
        int symbol = builder.symbol("pass", ElfSymbol.GLOBAL, ElfSymbol.FUNC, code, 0, 16);
        builder.relocations(code, false, 0, symbol, 1);
        builder.relocations(code, true, 8, symbol, 10, -4);
        return builder.build();
    }

    private static void refused(String expected, byte[] bytes) {
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> {
                            ElfFile file = ElfFile.parse("x.o", bytes);
                            for (ElfSection section : file.sections()) {
                                file.contents(section);
                                if (section.isRelocation()) {
                                    file.relocations(section);
                                }
                            }
                        });
        assertTrue(e.describe().startsWith("x.o"), e.describe());
        assertTrue(e.describe().contains(expected), e.describe());
        assertEquals(Failure.MALFORMED, e.failure());
    }

    private static byte[] with(int offset, int... values) {
        byte[] bytes = sample(LITTLE);
        for (int i = 0; i < values.length; i++) {
            bytes[offset + i] = (byte) values[i];
        }
        return bytes;
    }

    private static int header(byte[] bytes, int section) {
        return (int) ByteBuffer.wrap(bytes).order(LITTLE).getLong(40) + section * 64;
    }

    private static byte[] withHeader(int section, int field, long value) {
        byte[] bytes = sample(LITTLE);
        ByteBuffer.wrap(bytes).order(LITTLE).putLong(header(bytes, section) + field, value);
        return bytes;
    }

    @Test
    void readsBothByteOrders() {
        for (ByteOrder order : List.of(LITTLE, ByteOrder.BIG_ENDIAN)) {
            ElfFile file = ElfFile.parse("x.o", sample(order));
            assertEquals(order, file.order());
            ElfSection code = file.section("xdp");
            assertTrue(code.isCode());
            assertArrayEquals(ElfBuilder.returns(2, order), file.contents(code).copy());
            assertEquals(1000, file.section(".bss").size());
            assertEquals(0, file.contents(file.section(".bss")).length());
            ElfSymbol symbol = file.symbols().get(1);
            assertEquals(new ElfSymbol(1, "pass", 1, 2, false, 1, 0, 16), symbol);
            assertEquals(
                    List.of(new ElfRelocation(0, symbol, 1, 0)),
                    file.relocations(file.section(".rel1")));
            assertEquals(
                    List.of(new ElfRelocation(8, symbol, 10, -4)),
                    file.relocations(file.section(".rela1")));
        }
    }

    @Test
    void acceptsMachineZero() {
        assertEquals(
                4,
                ElfFile.parse("x.o", new ElfBuilder(LITTLE).machine(0).build()).sections().size()
                        + 1);
    }

    @Test
    void refusesWrongHeaders() {
        refused("not an ELF file", new byte[10]);
        refused("ELF header is cut off", Arrays.copyOf(sample(LITTLE), 63));
        refused("ELF class 1", with(4, 1));
        refused("data encoding 3", with(5, 3));
        refused("ELF machine 62", with(18, 62));
        refused("no section table", with(40, 0, 0, 0, 0, 0, 0, 0, 0));
        refused("section header 0", with(40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
        refused("section headers of 40 bytes", with(58, 40));
        refused("section table of 65535 entries", with(60, 0xff, 0xff));
        refused("section name table is section 77", with(62, 77));
    }

    @Test
    void refusesWrongSections() {
        refused("section 'xdp' needs 18446744073709551615 bytes", withHeader(1, 32, -1));
        refused(
                "section 'xdp' needs 16 bytes at offset 18446744073709551612",
                withHeader(1, 24, -4));
        refused("the sections overlap", withHeader(1, 32, 600));
        refused("at offset 6, but there are 3", withHeader(6, 32, 3));
        refused("has no end, expected a NUL", withHeader(6, 32, 9));
        refused("expected a whole number of entries of 24", withHeader(5, 56, 25));
        refused("string table is section 99", withHeader(5, 40, 99));
    }

    @Test
    void refusesWrongRelocations() {
        refused("expected a whole number of entries of 16", withHeader(3, 56, 8));
        byte[] bytes = sample(LITTLE);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE);
        int rel = (int) buffer.getLong(header(bytes, 3) + 24);
        buffer.putInt(rel + 12, 500);
        refused("refers to symbol 500, but there are 2", bytes);
    }
}

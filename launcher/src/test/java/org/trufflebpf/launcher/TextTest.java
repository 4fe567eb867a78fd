package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Text on its way to a person. */
class TextTest {

    @Test
    void controlCharactersAreShown() {
        assertEquals("\\x1b[31mred\\x07\\x9b\\x7f", Text.clean("\033[31mred\007\u009b\177"));
        assertSame("plain\ttext\n", Text.clean("plain\ttext\n"));
        assertEquals("ü €", Text.clean("ü €"));
        assertEquals("one line", Text.line("one\nline"));
    }

    @Test
    void cleaningStreamsTreatUtf8() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream stream = Text.cleaning(bytes, true)) {
            stream.write("a\033[2J ü \u009b \u00c2 \u00a9\r\n".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(
                "a\\x1b[2J ü \\x9b \u00c2 \u00a9\\x0d\n", bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void numbers() {
        assertEquals("0", Text.grouped(0));
        assertEquals("999", Text.grouped(999));
        assertEquals("1,000", Text.grouped(1000));
        assertEquals("12,345,678", Text.grouped(12_345_678));
        assertEquals("-123,456", Text.grouped(-123_456));
        assertEquals("4.3", Text.rounded(4.26));
        assertEquals("1,235", Text.rounded(1234.6));
    }

    @Test
    void hex() {
        assertEquals("00ff1a", Text.hex(new byte[] {0, -1, 0x1a}));
        assertArrayEquals(new byte[] {0, -1, 0x1a}, Text.unhex("00 fF\n1A "));
        assertArrayEquals(new byte[0], Text.unhex(""));
        assertNull(Text.unhex("0"));
        assertNull(Text.unhex("0g"));
        assertNull(Text.unhex("0x00"));
        assertNull(Text.unhex("\uff11\uff11"));
    }

    @Test
    void dumpsAreThoseOfXxd() {
        byte[] bytes = new byte[18];
        bytes[0] = 'E';
        bytes[17] = (byte) 0xff;
        assertEquals(
                """
                00000000: 4500 0000 0000 0000 0000 0000 0000 0000  E...............
                00000010: 00ff                                     ..
                """,
                Text.dump(bytes, ""));
    }

    @Test
    void tables() {
        assertEquals(
                """
                  NAME  COUNT
                  a         1
                  bcde     22
                """,
                new Table("  ", "NAME", ">COUNT").row("a", "1").row("bcde", "22").toString());
    }
}

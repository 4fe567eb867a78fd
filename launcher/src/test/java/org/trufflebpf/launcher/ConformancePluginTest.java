package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The plugin's arguments; what it runs is tested end to end. */
class ConformancePluginTest {

    private static String refusal(String in, String... args) {
        TestIo io = new TestIo(in);
        assertEquals(1, ConformancePlugin.run(args, io.io()), io.err());
        assertEquals("", io.out());
        assertEquals(1, io.err().lines().count(), io.err());
        return io.err();
    }

    @Test
    void wrongUsageIsOneLine() {
        assertTrue(refusal("").startsWith("no program"));
        assertTrue(refusal("", "--program").startsWith("--program needs a value"));
        assertTrue(refusal("zz").startsWith("the program is not hex"));
        assertTrue(refusal("95 00 00 00 00 00 00 00", "0g").startsWith("the memory is not hex"));
        assertTrue(refusal("", "--nonsense").startsWith("unknown option '--nonsense'"));
    }

    @Test
    void programsAreWholeInstructions() {
        TestIo io = new TestIo("95 00 00 00\n");
        assertEquals(2, ConformancePlugin.run(new String[0], io.io()));
        assertEquals("the program has 4 bytes, expected instructions of 8 bytes each\n", io.err());
    }

    @Test
    void helpIsThere() {
        TestIo io = new TestIo("");
        assertEquals(0, ConformancePlugin.run(new String[] {"--help"}, io.io()));
        assertTrue(io.out().startsWith("usage: "));
    }
}

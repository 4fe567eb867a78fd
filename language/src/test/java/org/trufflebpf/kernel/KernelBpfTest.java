package org.trufflebpf.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;

/** The oracle itself: raw instructions and maps through the system call. */
class KernelBpfTest {
    private static final int PROG_TYPE_XDP = 6;
    private static final int MAP_TYPE_HASH = 1;
    private static final int MAP_TYPE_QUEUE = 22;

    @BeforeEach
    void permitted() {
        Assumptions.assumeTrue(
                KernelBpf.isPermitted(), () -> "no kernel oracle: " + KernelBpf.refusal());
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void runsRawInstructions() {
        // r0 = 7; r0 *= -1; exit
        byte[] insns = hex("b700000007000000 27000000ffffffff 9500000000000000");
        int fd = KernelBpf.progLoad(PROG_TYPE_XDP, 0, insns, "GPL", 0);
        try {
            byte[] packet = new byte[60];
            packet[59] = 1;
            KernelBpf.TestRun run = KernelBpf.testRun(fd, packet, null, 3, 0, 0);
            assertEquals(0xfffffff9L, run.retval());
            assertArrayEquals(packet, run.dataOut());
            assertNull(run.ctxOut());
        } finally {
            KernelBpf.close(fd);
        }
    }

    @Test
    void refusedProgramCarriesTheVerifiersLog() {
        // r0 = r2; exit
        byte[] insns = hex("bf20000000000000 9500000000000000");
        KernelBpfException e =
                assertThrows(
                        KernelBpfException.class,
                        () -> KernelBpf.progLoad(PROG_TYPE_XDP, 0, insns, "GPL", 0));
        assertEquals("EACCES", KernelBpfException.errnoName(e.errno()));
        assertTrue(e.log().contains("R2 !read_ok"), e.log());
    }

    @Test
    void hashMap() {
        int fd = KernelBpf.mapCreate(MAP_TYPE_HASH, 4, 8, 2, 0, 0);
        try {
            byte[] key = hex("01020304");
            byte[] value = hex("1112131415161718");
            assertNull(KernelBpf.mapLookup(fd, key));
            KernelBpf.mapUpdate(fd, key, value, 1);
            assertArrayEquals(value, KernelBpf.mapLookup(fd, key));
            assertEquals(
                    17,
                    assertThrows(
                                    KernelBpfException.class,
                                    () -> KernelBpf.mapUpdate(fd, key, value, 1))
                            .errno());
            assertEquals(1, KernelBpf.mapKeys(fd).size());
            assertTrue(KernelBpf.mapDelete(fd, key));
            assertFalse(KernelBpf.mapDelete(fd, key));
            assertNull(KernelBpf.mapNextKey(fd, null));
        } finally {
            KernelBpf.close(fd);
        }
    }

    @Test
    void queue() {
        int fd = KernelBpf.mapCreate(MAP_TYPE_QUEUE, 0, 4, 2, 0, 0);
        try {
            KernelBpf.mapUpdate(fd, null, hex("0a000000"), 0);
            KernelBpf.mapUpdate(fd, null, hex("0b000000"), 0);
            assertArrayEquals(hex("0a000000"), KernelBpf.mapLookupAndDelete(fd, null));
            assertArrayEquals(hex("0b000000"), KernelBpf.mapLookupAndDelete(fd, null));
            assertNull(KernelBpf.mapLookupAndDelete(fd, null));
        } finally {
            KernelBpf.close(fd);
        }
    }

    @Test
    void traceIsCompleteFromTheFirstRunOfAMachine() throws IOException {
        Assumptions.assumeTrue(KernelTrace.isMounted(), "tracefs is not mounted");
        KernelTrace trace = new KernelTrace();
        assertEquals("1", Files.readString(KernelTrace.ENABLE).strip());
        assertEquals(List.of(), trace.take());
    }
}

package org.trufflebpf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files are BPF objects by their extension and the machine in their header. */
class BpfFileDetectorTest {
    private static final Path OBJECT = Path.of("src/test/fixtures/api/types.o");

    @TempDir private Path directory;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    /** An ELF header up to the machine. */
    private static byte[] header(ByteOrder order, int machine) {
        ByteBuffer bytes = ByteBuffer.allocate(64).putInt(0x7f454c46).put((byte) 2);
        bytes.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2));
        return bytes.order(order).putShort(18, (short) machine).array();
    }

    @ParameterizedTest
    @CsvSource({
        "LITTLE_ENDIAN, 247, a.o, true",
        "BIG_ENDIAN, 247, a.o, true",
        "LITTLE_ENDIAN, 62, a.o, false", // x86-64
        "BIG_ENDIAN, 22, a.o, false", // s390
        "LITTLE_ENDIAN, 63232, a.o, false", // 247 in the other order
        "LITTLE_ENDIAN, 247, a.so, false",
    })
    void machineDecides(String order, int machine, String name, boolean isBpf) throws IOException {
        ByteOrder byteOrder =
                order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Path file = file(name, header(byteOrder, machine));
        assertEquals(isBpf ? "ebpf" : null, Source.findLanguage(file.toFile()));
    }

    @Test
    void whatIsNoElfFileIsLeftAlone() throws IOException {
        assertNull(Source.findLanguage(file("empty.o", new byte[0]).toFile()));
        assertNull(
                Source.findLanguage(
                        file(
                                        "text.o",
                                        "int main() {}, no object"
                                                .getBytes(StandardCharsets.US_ASCII))
                                .toFile()));
        assertNull(Source.findLanguage(directory.resolve("missing.o").toFile()));
    }

    @Test
    void fileIsOpenedWithoutItsLanguageBeingNamed() throws IOException {
        assertEquals("application/x-bpf", Source.findMimeType(OBJECT.toFile()));
        try (Context context = Mode.INTERPRETED.context().build()) {
            String language = Source.findLanguage(OBJECT.toFile());
            assertTrue(
                    context.eval(Source.newBuilder(language, OBJECT.toFile()).build())
                            .getMember("programs")
                            .hasMembers());
        }
    }
}

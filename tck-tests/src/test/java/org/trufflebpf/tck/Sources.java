package org.trufflebpf.tck;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The object that the TCK gets its values from, and objects that are malformed. */
final class Sources {
    static final String LANGUAGE = "ebpf";
    private static final String RAW = "application/x-bpf-raw";
    private static final Path VALUES = Path.of("src/test/objects/values.o");

    /** {@code r0 = 7; exit}. */
    private static final byte[] SEVEN = {
        (byte) 0xb7, 0, 0, 0, 7, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0
    };

    // offsets in an ELF64 header
    private static final int E_MACHINE = 18;
    private static final int E_SHOFF = 40;
    private static final int E_SHSTRNDX = 62;

    private Sources() {}

    static Value values(Context context) {
        return context.eval(valuesSource());
    }

    static Source valuesSource() {
        return object("values.o", valuesBytes());
    }

    static Source instructions() {
        return source("seven", SEVEN, RAW);
    }

    private static byte[] valuesBytes() {
        try {
            return Files.readAllBytes(VALUES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Source object(String name, byte[] bytes) {
        return source(name, bytes, "application/x-bpf");
    }

    private static Source source(String name, byte[] bytes, String mimeType) {
        try {
            return Source.newBuilder(LANGUAGE, ByteSequence.create(bytes), name)
                    .mimeType(mimeType)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sources that are no objects, each wrong in a way of its own. */
    static List<Source> malformed() {
        byte[] values = valuesBytes();
        return List.of(
                object("empty", new byte[0]),
                object("text", "int main(void) { return 0; }".getBytes(StandardCharsets.US_ASCII)),
                object("half a header", Arrays.copyOf(values, 32)),
                object("half an object", Arrays.copyOf(values, values.length / 2)),
                object("another machine", with(elf -> elf.putShort(E_MACHINE, (short) 62))),
                object("sections outside", with(elf -> elf.putLong(E_SHOFF, 1L << 40))),
                object("no section names", with(elf -> elf.putShort(E_SHSTRNDX, (short) 9999))),
                object("32 bits", with(elf -> elf.put(4, (byte) 1))),
                source("half an instruction", Arrays.copyOf(SEVEN, 12), RAW),
                source("unknown opcode", new byte[] {-1, 0, 0, 0, 0, 0, 0, 0}, RAW));
    }

    /** The object with some bytes of its header changed. */
    private static byte[] with(Consumer<ByteBuffer> change) {
        byte[] bytes = valuesBytes();
        change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }
}

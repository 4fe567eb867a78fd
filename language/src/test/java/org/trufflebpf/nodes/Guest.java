package org.trufflebpf.nodes;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A context for tests of execution: opens raw instructions or fixtures and runs their programs on
 * bytes.
 */
final class Guest implements AutoCloseable {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    private final Context context;

    /**
     * What a run gave; {@code data} is the memory afterwards, or {@code null} if there was none.
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
    record Result(long r0, long retval, byte[] data) {}

    Guest(Mode mode) {
        this(mode.context().build());
    }

    Guest(Context context) {
        this.context = context;
    }

    Context context() {
        return context;
    }

    /** A program of raw instructions, not loaded yet. */
    Value program(byte[] code) {
        return context.eval(rawSource(code)).getMember("programs").getMember("main");
    }

    /** A fixture's object, opened. */
    Value fixture(String name) {
        return context.eval(fixtureSource(name));
    }

    static Source rawSource(byte[] code) {
        return Source.newBuilder("ebpf", ByteSequence.create(code), "raw")
                .mimeType("application/x-bpf-raw")
                .buildLiteral();
    }

    static byte[] fixtureBytes(String name) {
        try {
            return Files.readAllBytes(FIXTURES.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Source fixtureSource(String name) {
        return Source.newBuilder("ebpf", ByteSequence.create(fixtureBytes(name)), name)
                .mimeType("application/x-bpf")
                .buildLiteral();
    }

    /** Runs raw instructions on a copy of a memory. */
    Result run(byte[] code, byte[] memory) {
        return run(program(code), memory);
    }

    static Result run(Value program, byte[] memory) {
        Map<String, Object> spec =
                memory == null ? Map.of() : Map.of("data", ByteBuffer.wrap(memory.clone()));
        Value result = program.invokeMember("run", ProxyObject.fromMap(spec));
        Value data = result.getMember("data");
        return new Result(
                result.getMember("r0").asLong(),
                result.getMember("retval").asLong(),
                data.isNull() ? null : bytes(data));
    }

    static byte[] bytes(Value buffer) {
        byte[] bytes = new byte[(int) buffer.getBufferSize()];
        buffer.readBuffer(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** A member of the failure that a guest exception carries. */
    static String member(PolyglotException e, String name) {
        return e.getGuestObject().getMember(name).toString();
    }

    @Override
    public void close() {
        context.close();
    }
}

package org.trufflebpf.stress;

import org.graalvm.polyglot.Engine;
import org.trufflebpf.api.BpfInput;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.BpfProgram;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The object whose programs are the steps of the races, and the keys that each race takes. */
final class Stressed {
    /** The system property that names the object's file. */
    static final String FILE = "trufflebpf.stress.object";

    /** Entries of each map of the object; a race takes one, so that many may be under way. */
    static final int KEYS = 4096;

    private static final Engine ENGINE =
            Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();

    private static final AtomicInteger NEXT_KEY = new AtomicInteger();

    static final BpfObject OBJECT = open();

    private Stressed() {}

    /** Another context on the same engine. */
    static BpfObject open() {
        try {
            return BpfObject.builder(Path.of(System.getProperty(FILE))).engine(ENGINE).open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int key() {
        return NEXT_KEY.getAndIncrement() & (KEYS - 1);
    }

    static BpfProgram program(String name) {
        return OBJECT.program(name);
    }

    /** Runs a step; the packet holds key and value behind 16 bytes. */
    static int run(BpfProgram program, int key, long value) {
        byte[] packet = new byte[32];
        ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).putLong(16, key).putLong(24, value);
        return (int) program.run(BpfInput.packet(packet)).value();
    }
}

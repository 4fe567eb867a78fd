package org.trufflebpf.launcher;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Streams that a test fills and looks at. */
final class TestIo {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Io io;

    TestIo(String in) {
        this(in, false);
    }

    TestIo(String in, boolean terminal) {
        io =
                new Io(
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        terminal,
                        terminal,
                        terminal);
    }

    Io io() {
        return io;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Runs a command with nothing on standard input. */
    static TestIo run(int status, String... args) {
        return runWith("", status, args);
    }

    static TestIo runWith(String in, int status, String... args) {
        TestIo io = new TestIo(in);
        int actual = EbpfRun.run(args, io.io());
        if (actual != status) {
            throw new AssertionError(
                    "exit status " + actual + ", expected " + status + "\n" + io.out() + io.err());
        }
        return io;
    }
}

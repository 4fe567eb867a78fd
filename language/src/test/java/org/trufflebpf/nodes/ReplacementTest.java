package org.trufflebpf.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** freplace: programs that take the place of functions of another object. */
class ReplacementTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures/programs");

    private static String path(String name) {
        return FIXTURES.resolve(name).toAbsolutePath().toString();
    }

    private static int run(Context context) throws IOException {
        byte[] bytes = Files.readAllBytes(FIXTURES.resolve("replaced.o"));
        return context.eval(
                        Source.newBuilder("ebpf", ByteSequence.create(bytes), "replaced.o")
                                .mimeType("application/x-bpf")
                                .build())
                .getMember("programs")
                .getMember("target")
                .execute(ByteBuffer.allocate(64))
                .getMember("retval")
                .asInt();
    }

    private static int run(Mode mode, boolean verify, String... replacing) throws IOException {
        StringBuilder paths = new StringBuilder();
        for (String name : replacing) {
            paths.append(paths.isEmpty() ? "" : ",").append(path(name));
        }
        try (Context context =
                mode.context()
                        .allowIO(IOAccess.ALL)
                        .option("ebpf.Replace", paths.toString())
                        .option("ebpf.Verify", Boolean.toString(verify))
                        .build()) {
            return run(context);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void functionsAreReplaced(Mode mode) throws IOException {
        assertEquals(2, run(mode, false));
        // 3 * 100 + 1 * 10 - 4: the replacement counts in its own map
        assertEquals(306, run(mode, false, "replacing.o"));
        assertEquals(1, run(mode, false, "replacing_whole.o"));
    }

    @Test
    void replacementsAreVerifiedAsWhatTheyReplace() throws IOException {
        assertEquals(1, run(Mode.INTERPRETED, true, "replacing_whole.o", "replacing.o"));
        assertEquals(306, run(Mode.INTERPRETED, true, "replacing.o"));
    }

    /** A function with arguments of its own is judged as global functions are. */
    @Test
    void functionsThatReplaceOthersAreVerified() throws IOException {
        assertEquals(306, run(Mode.INTERPRETED, true, "replacing.o"));
        PolyglotException refused =
                assertThrows(
                        PolyglotException.class,
                        () -> run(Mode.INTERPRETED, true, "replacing_wildly.o"));
        assertTrue(
                refused.getMessage()
                        .contains("program wild: insn 3 (replacing_wildly.c:6: return *"),
                refused.getMessage());
        assertTrue(
                refused.getMessage().contains("R1 invalid mem access 'scalar'"),
                refused.getMessage());
    }

    /** Code that contexts share is not that of a context with replacements. */
    @Test
    void contextsOfOneEngineDiffer() throws IOException {
        try (Engine engine = Mode.INTERPRETED.engine().build()) {
            for (int i = 0; i < 2; i++) {
                try (Context plain = Mode.INTERPRETED.context(engine).build();
                        Context replaced =
                                Mode.INTERPRETED
                                        .context(engine)
                                        .allowIO(IOAccess.ALL)
                                        .option("ebpf.Replace", path("replacing.o"))
                                        .build()) {
                    assertEquals(2, run(plain));
                    assertEquals(306, run(replaced));
                    assertEquals(2, run(plain));
                }
            }
        }
    }

    @Test
    void whatCannotReplaceIsRefused() {
        PolyglotException arguments =
                assertThrows(
                        PolyglotException.class,
                        () -> run(Mode.INTERPRETED, false, "replacing_badly.o"));
        assertTrue(
                arguments.getMessage().contains("alone() has 1 args while sum() of program"),
                arguments.getMessage());
        PolyglotException types =
                assertThrows(
                        PolyglotException.class,
                        () -> run(Mode.INTERPRETED, false, "replacing_types.o"));
        assertTrue(
                types.getMessage()
                        .contains(
                                "arg1 in longer() is int of 8 bytes while sum() of program target"
                                        + " has int of 4 bytes"),
                types.getMessage());
        PolyglotException none =
                assertThrows(
                        PolyglotException.class, () -> run(Mode.INTERPRETED, false, "replaced.o"));
        assertTrue(
                none.getMessage().contains("has no program in a section freplace/FUNCTION"),
                none.getMessage());
    }
}

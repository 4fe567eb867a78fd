package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Wrong usage as a user meets it: one line, exit status 1, no stack trace; and one JSON object with
 * --json.
 */
class EbpfRunTest {

    @Test
    void versionNamesTheTruffleRuntime() {
        String out = TestIo.run(0, "--version").out();
        assertTrue(out.startsWith("ebpf-run "), out);
        assertTrue(out.contains("(programs are compiled), JDK "), out);
    }

    @Test
    void versionNamesTheRevision() {
        String out = TestIo.run(0, "--version").out();
        assertTrue(
                out.matches("(?s)ebpf-run [0-9][-.0-9A-Z]+( \\([0-9a-f]{7,}(, changed)?\\))?\n.*"),
                out);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--nonsense x.o",
                "x.o --repeat 0",
                "x.o --pcap a --data-in b",
                "x.o --pcap a --repeat 3",
                "x.o --pcap-out a",
                "x.o --list --disassemble",
                "x.o --disassemble --json",
                "--batch - --pcap x",
                "--batch missing.jsonl",
                "missing.o",
                "missing.o --list",
                "missing.o --data-in hex:0g",
                "missing.o --data-in -  --ctx-in -",
                "missing.o --data-in missing.bin",
            })
    void wrongUsageIsOneLine(String line) {
        String[] args = line.isEmpty() ? new String[0] : line.split(" +", -1);
        TestIo io = TestIo.run(1, args);
        assertEquals("", io.out().startsWith("{") ? "" : io.out());
        if (!line.contains("--json")) {
            assertEquals(1, io.err().lines().count(), io.err());
            assertTrue(io.err().startsWith("ebpf-run: "), io.err());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "missing.o --json",
                "--json",
                "--json --nonsense",
                "--json x.o --repeat",
                "--json --list m.o"
            })
    void wrongUsageIsOneJsonObject(String line) throws IOException {
        TestIo io = TestIo.run(1, line.split(" ", -1));
        assertEquals("", io.err());
        Map<?, ?> error = (Map<?, ?>) JsonText.object(io.out()).get("error");
        assertEquals("usage", error.get("phase"));
    }

    @Test
    void stackTraceWithDebugOnly() {
        assertTrue(TestIo.run(1, "missing.o", "--debug").err().contains("\tat "));
    }

    @Test
    void filesThatAreNone(@TempDir Path directory) {
        assertEquals(
                "ebpf-run: " + directory + ": cannot be read: Is a directory\n",
                TestIo.run(1, directory.toString()).err());
        assertTrue(TestIo.run(1, "a\0b").err().contains("not a file name"));
        assertTrue(TestIo.run(1, "a\033b").err().contains("a\\x1bb: cannot be read: no such file"));
    }

    @Test
    void inputsHaveALimit(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("large"), new byte[InputFiles.MAX_DATA + 1]);
        assertTrue(
                TestIo.run(1, "x.o", "--data-in", file.toString())
                        .err()
                        .contains("large is larger than 16 MiB"));
    }

    @Test
    void batchAnswersEachLine() throws IOException {
        String lines =
                """
                garbage
                {"id":1}

                {"id":{"a":[2]},"object":"missing.o"}
                {"id":3,"object":"missing.o","data_in":"xy"}
                {"id":4\
                """;
        TestIo io = TestIo.runWith(lines, 0, "--batch", "-");
        String[] answers = io.out().split("\n", -1);
        assertEquals(6, answers.length, io.out());
        assertEquals("", answers[5]);
        assertTrue(
                answers[0].startsWith("{\"id\":null,\"error\":{\"phase\":\"usage\""), answers[0]);
        assertTrue(answers[1].startsWith("{\"id\":1,\"error\""), answers[1]);
        assertTrue(answers[2].startsWith("{\"id\":{\"a\":[2]},\"error\""), answers[2]);
        assertTrue(answers[3].contains("data_in: expected pairs of hex digits"), answers[3]);
        assertTrue(answers[4].startsWith("{\"id\":4,\"error\""), answers[4]);
        for (int i = 0; i < 5; i++) {
            assertEquals(2, JsonText.object(answers[i]).size());
        }
    }
}

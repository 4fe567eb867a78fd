package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Help, completion and reference say what the option rows say. */
class HelpTest {
    private static final String BEGIN = "<!-- options: generated from Option.java -->\n";
    private static final String END = "<!-- end of options -->";

    @Test
    void helpNamesEachOptionInEightyColumns() {
        String help = Help.usage(80);
        for (Option option : Option.values()) {
            assertTrue(
                    help.contains(option.flag() + " ") || help.contains(option.flag() + "\n"),
                    option.flag());
        }
        help.lines().forEach(line -> assertTrue(line.length() <= 80, line));
        assertTrue(help.contains("Examples:"), help);
        assertTrue(help.contains("Exit status:"), help);
    }

    @Test
    void helpFitsNarrowTerminals() {
        for (int columns = 40; columns < 80; columns++) {
            String help = Help.usage(columns);
            for (Option option : Option.values()) {
                assertTrue(help.contains("  " + option.flag()), option.flag());
            }
            for (String line : help.lines().toList()) {
                assertTrue(line.length() <= columns, line);
            }
            assertTrue(help.contains("Exit status:"), help);
        }
    }

    @Test
    void columnsAreThoseOfTheTerminal() {
        assertEquals(80, NarrowHelp.columns(null, false));
        assertEquals(80, NarrowHelp.columns("", false));
        assertEquals(80, NarrowHelp.columns("200", false));
        assertEquals(61, NarrowHelp.columns("61", true));
        assertEquals(40, NarrowHelp.columns("12", false));
        assertEquals(80, NarrowHelp.columns("wide", false));
    }

    @Test
    void bashAcceptsTheCompletion(@TempDir Path directory)
            throws IOException, InterruptedException {
        String script = TestIo.run(0, "--completion", "bash").out();
        for (Option option : Option.values()) {
            assertTrue(script.contains(option.flag()), option.flag());
        }
        Path file = Files.writeString(directory.resolve("completion"), script);
        String test =
                "source '"
                        + file
                        + "'; COMP_WORDS=(ebpf-run --dum); COMP_CWORD=1; _complete_ebpf-run"
                        + " 2>/dev/null; echo \"${COMPREPLY[@]}\"";
        Process process;
        try {
            process = new ProcessBuilder("bash", "-c", test).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "bash is not installed");
            return;
        }
        String reply = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), reply);
        assertEquals("--dump-maps", reply.strip());
    }

    @Test
    void unknownShellIsRefused() {
        assertTrue(TestIo.run(1, "--completion", "fish").err().contains("expected bash or zsh"));
    }

    /** With -Dupdate.docs=true it writes the part anew. */
    @Test
    void referenceHoldsTheOptions() throws IOException {
        Path reference = Path.of("..", "docs", "ebpf-run.md");
        String text = Files.readString(reference);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, "docs/ebpf-run.md has lost its marks");
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(
                    reference, text.substring(0, begin) + Help.markdown() + text.substring(end));
        } else {
            assertEquals(
                    Help.markdown(),
                    text.substring(begin, end),
                    "docs/ebpf-run.md is older than Option.java: run the tests with"
                            + " -Dupdate.docs=true");
        }
    }
}

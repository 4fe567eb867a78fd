package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;

/** The command line as a user meets it: exit codes, and what stands on the standard output. */
class EbpfRunTest {

    @Test
    void versionNamesTheTruffleRuntime() {
        StringWriter out = new StringWriter();
        CommandLine commandLine = new CommandLine(new EbpfRun()).setOut(new PrintWriter(out));
        assertEquals(0, commandLine.execute("--version"));
        assertTrue(out.toString().contains("ebpf-run "), out::toString);
        assertTrue(out.toString().contains("JDK "), out::toString);
    }

    @Test
    void unknownOptionIsAUsageError() {
        CommandLine commandLine =
                new CommandLine(new EbpfRun()).setErr(new PrintWriter(new StringWriter()));
        assertEquals(CommandLine.ExitCode.USAGE, commandLine.execute("--nonsense"));
    }
}

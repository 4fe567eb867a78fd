package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What tests in this process cannot see: exit statuses, the real streams, and that nothing else is
 * printed.
 */
class ProcessTest {
    private static final String HELLO = "../language/src/test/fixtures/loader/helloworld.o";

    private record Outcome(int status, String out, String err) {}

    private static Outcome run(Class<?> main, String in, String... args)
            throws IOException, InterruptedException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions());
        command.addAll(List.of("-XX:+UseSerialGC", "-cp", classPath, main.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        try (OutputStream stream = process.getOutputStream()) {
            stream.write(in.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), out, err);
    }

    /** Those that this JVM was started with: they turn the optimizing runtime on. */
    private static List<String> jvmOptions() {
        List<String> options = new ArrayList<>();
        for (String argument : ProcessHandle.current().info().arguments().orElse(new String[0])) {
            if (Set.of("-cp", "-classpath", "-jar").contains(argument)) {
                return options;
            }
            if (!argument.startsWith("-javaagent") && !argument.startsWith("-agentlib")) {
                options.add(argument);
            }
        }
        Assumptions.abort("the system does not tell the arguments of this process");
        return options;
    }

    @Test
    void runsAndReturns() throws IOException, InterruptedException {
        Outcome outcome = run(EbpfRun.class, "", HELLO, "--type", "raw_tracepoint");
        assertEquals(0, outcome.status, outcome.err);
        assertEquals("", outcome.err);
        assertTrue(outcome.out.endsWith("helloworld: 0\n"), outcome.out);
    }

    @Test
    void wrongUsageAndRefusedObjectsDiffer() throws IOException, InterruptedException {
        Outcome usage = run(EbpfRun.class, "", "--xyzzy");
        assertEquals(1, usage.status);
        assertEquals("ebpf-run: unknown option '--xyzzy'; see ebpf-run --help\n", usage.err);
        Outcome refused = run(EbpfRun.class, "", "pom.xml");
        assertEquals(2, refused.status, refused.err);
        assertEquals(1, refused.err.lines().count(), refused.err);
    }

    @Test
    void batchFromStandardInput() throws IOException, InterruptedException {
        Outcome outcome =
                run(
                        EbpfRun.class,
                        "{\"id\":1,\"object\":\"" + HELLO + "\",\"type\":\"raw_tracepoint\"}\n",
                        "--batch",
                        "-");
        assertEquals(0, outcome.status, outcome.err);
        assertTrue(outcome.out.startsWith("{\"id\":1,\"object\":"), outcome.out);
        assertEquals(1, outcome.out.lines().count());
    }

    @Test
    void conformancePluginPrintsARegister() throws IOException, InterruptedException {
        Outcome outcome = run(ConformancePlugin.class, "b70000002a000000 9500000000000000\n", "");
        assertEquals(0, outcome.status, outcome.err);
        assertEquals("2a\n", outcome.out);
    }
}

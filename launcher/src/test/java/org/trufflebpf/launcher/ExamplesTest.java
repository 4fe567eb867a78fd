package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.testing.ChildJvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The examples do what their documentation shows. {@code examples/expected} holds a command for
 * each and everything it prints; the README files show commands with their output, which may leave
 * lines out with {@code ...}. Only measured times are not compared.
 */
class ExamplesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path EXPECTED = ROOT.resolve("examples/expected");

    /** What differs from run to run: how long it took. */
    private static final Pattern MEASURED =
            Pattern.compile(
                    " in [0-9.,]+ ms( \\(.*\\))?"
                            + "|\"duration_ns\":[0-9.]+"
                            + "|(?<= runs: )mean .*");

    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @TempDir private Path directory;

    /** A command line behind {@code $ ./ebpf-run}, and what it prints. */
    private record Command(List<String> args, String output) {
        @Override
        public String toString() {
            return String.join(" ", args);
        }
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXPECTED)) {
            return files
                    .filter(file -> file.toString().endsWith(".txt"))
                    .map(EXPECTED::relativize)
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void printsWhatIsExpected(Path name) throws IOException {
        List<Command> commands = commands(Files.readString(EXPECTED.resolve(name)));
        assertFalse(commands.isEmpty());
        for (Command command : commands) {
            assertEquals(masked(command.output()), masked(run(command)));
        }
    }

    /** The same in a process of its own, with its own streams and exit status. */
    @ParameterizedTest
    @ValueSource(strings = {"hello.txt", "xdp_counter.txt"})
    void printsWhatIsExpectedAsProcess(String name) throws IOException, InterruptedException {
        for (Command command : commands(Files.readString(EXPECTED.resolve(name)))) {
            assertEquals(masked(command.output()), masked(runProcess(command)));
        }
    }

    @Test
    void everyExampleIsTested() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
            List<String> sources =
                    files.map(file -> file.getFileName().toString())
                            .filter(file -> file.endsWith(".c"))
                            .map(file -> file.replace(".c", ".txt"))
                            .sorted()
                            .toList();
            assertEquals(sources, examples().map(Path::toString).toList());
        }
    }

    @Test
    void natWritesTranslatedPackets() throws IOException {
        for (Command command : commands(Files.readString(EXPECTED.resolve("nat.txt")))) {
            run(command);
        }
        assertArrayEquals(
                Files.readAllBytes(EXPECTED.resolve("nat.pcap")),
                Files.readAllBytes(directory.resolve("nat-out.pcap")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "examples/README.md"})
    void documentationShowsRealOutput(String name) throws IOException {
        Matcher blocks =
                Pattern.compile("(?s)```console\n(.*?)```")
                        .matcher(Files.readString(ROOT.resolve(name)));
        int commands = 0;
        while (blocks.find()) {
            for (Command command : commands(blocks.group(1))) {
                commands++;
                String shown = masked(command.output());
                String actual = masked(run(command));
                if (!Pattern.matches(withGaps(shown), actual)) {
                    assertEquals(shown, actual, command.toString());
                }
            }
        }
        assertFalse(commands == 0, "no commands in " + name);
    }

    /** A pattern for a text in which a line {@code ...} stands for any lines. */
    private static String withGaps(String text) {
        StringBuilder pattern = new StringBuilder("(?s)");
        text.lines()
                .forEach(
                        line ->
                                pattern.append(
                                        line.equals("...") ? ".*" : Pattern.quote(line + "\n")));
        return pattern.toString();
    }

    /** The commands of a transcript; what is not ours is left out. */
    private static List<Command> commands(String transcript) {
        List<Command> commands = new ArrayList<>();
        for (String part : transcript.split("(?m)^\\$ ")) {
            // A backslash goes on in the next line, as in the shell.
            String text = part.replaceAll("\\\\\n\\s*", "");
            int end = text.indexOf('\n');
            if (!text.startsWith("./ebpf-run ")) {
                continue;
            }
            List<String> args = new ArrayList<>();
            Matcher words = WORD.matcher(text.substring("./ebpf-run".length(), end));
            while (words.find()) {
                args.add(words.group(1) != null ? words.group(1) : words.group(2));
            }
            commands.add(new Command(args, text.substring(end + 1).stripTrailing() + "\n"));
        }
        return commands;
    }

    /** Files of the project stand in the directory above this module, files to write elsewhere. */
    private List<String> located(Command command, String prefix) {
        List<String> args = new ArrayList<>();
        for (String arg : command.args()) {
            boolean written = !args.isEmpty() && args.getLast().equals("--pcap-out");
            args.add(
                    written
                            ? directory.resolve(arg).toString()
                            : arg.startsWith("examples/") ? prefix + arg : arg);
        }
        return args;
    }

    private String run(Command command) {
        TestIo io = new TestIo("");
        EbpfRun.run(located(command, "../").toArray(String[]::new), io.io());
        return (io.err() + io.out()).replace("../examples/", "examples/");
    }

    private String runProcess(Command command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(EbpfRun.class.getName());
        line.addAll(located(command, ""));
        return java(line);
    }

    /** The README shows the body of {@code Embed.java}, and what it prints. */
    @Test
    void embeddingDoesWhatTheReadmeSays() throws IOException, InterruptedException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher shown =
                Pattern.compile("(?s)```java\n(.*?)```\n\nIt prints\n\n```\n(.*?)```")
                        .matcher(readme);
        assertTrue(shown.find());
        String source = Files.readString(ROOT.resolve("examples/Embed.java"));
        assertTrue(source.contains(shown.group(1).indent(8)), shown.group(1));
        assertEquals(shown.group(2), java(List.of("examples/Embed.java")));
    }

    /** Runs a JVM in the project's directory; returns what it prints. */
    private String java(List<String> arguments) throws IOException, InterruptedException {
        return ChildJvm.run(ROOT, directory, arguments, 5);
    }

    private static String masked(String output) {
        return MEASURED.matcher(output).replaceAll(" (measured)");
    }
}

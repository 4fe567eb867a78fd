package org.trufflebpf.launcher;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Runs the commands of a training file in one process, and prints what each prints. With {@code
 * early} all our classes are initialized first, on a machine that looks different: as an image
 * builder does.
 *
 * <pre>EarlyInitialization early|late TRAINING CLASSES...</pre>
 */
final class EarlyInitialization {
    /** What a build machine has and the machine that runs the image has not. */
    private static final Map<String, String> BUILD_MACHINE =
            Map.of(
                    "user.home", "/nonexistent/build",
                    "user.name", "builder",
                    "java.io.tmpdir", "/nonexistent/tmp",
                    "line.separator", "\r\n");

    public static void main(String[] args) throws ReflectiveOperationException, IOException {
        if (args[0].equals("early")) {
            initialize(List.of(args).subList(2, args.length));
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] words = line.split(" ");
                ByteArrayOutputStream printed = new ByteArrayOutputStream();
                PrintStream stream = new PrintStream(printed, false, StandardCharsets.UTF_8);
                int status =
                        EbpfRun.run(
                                Arrays.copyOfRange(words, 1, words.length),
                                new Io(
                                        new ByteArrayInputStream(new byte[0]),
                                        stream,
                                        stream,
                                        false,
                                        false,
                                        false));
                stream.flush();
                out.println("$ " + line + "\n" + printed.toString(StandardCharsets.UTF_8) + status);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void initialize(List<String> directories)
            throws ReflectiveOperationException, IOException {
        Map<String, String> before = new TreeMap<>();
        BUILD_MACHINE.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
        for (String directory : directories) {
            Path root = Path.of(directory);
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.toList()) {
                    String name = root.relativize(file).toString().replace('/', '.');
                    if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                        Class.forName(name.substring(0, name.length() - ".class".length()));
                    }
                }
            }
        }
        before.forEach(System::setProperty);
        Locale.setDefault(locale);
        TimeZone.setDefault(zone);
    }

    private EarlyInitialization() {}
}

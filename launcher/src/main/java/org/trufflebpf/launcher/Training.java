package org.trufflebpf.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs many commands in one JVM, whose AOT cache then knows the classes of all of them. The file it
 * is given has a command on each line, behind the exit status that it must have; lines that start
 * with # are for people.
 */
final class Training {
    public static void main(String[] args) throws IOException {
        int done = 0;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] words = line.split(" ");
                int expected = Integer.parseInt(words[0]);
                ByteArrayOutputStream err = new ByteArrayOutputStream();
                int status =
                        EbpfRun.run(Arrays.copyOfRange(words, 1, words.length), discarding(err));
                if (status != expected) {
                    throw new AssertionError(line + ": exit status " + status + ": " + err);
                }
                done++;
            }
        }
        // The streams of a real process are part of what it loads.
        Io io = Io.system();
        io.out().println(done + " commands");
        io.out().flush();
    }

    private static Io discarding(OutputStream err) {
        return new Io(
                InputStream.nullInputStream(),
                new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false,
                false);
    }

    private Training() {}
}

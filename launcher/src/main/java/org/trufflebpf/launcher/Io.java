package org.trufflebpf.launcher;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The streams that a command talks through, so that tests can hand in their own.
 *
 * @param outIsTerminal whether a person watches {@code out}
 * @param errIsTerminal whether a person watches {@code err}
 * @param color whether {@code out} and {@code err} may be coloured where they are terminals
 */
record Io(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        boolean color) {
    private static final int BUFFER = 1 << 16;

    /** The streams of this process. */
    static Io system() {
        boolean outIsTerminal = isTerminal(1);
        String noColor = System.getenv("NO_COLOR");
        return new Io(
                new FileInputStream(FileDescriptor.in),
                new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
                        outIsTerminal,
                        StandardCharsets.UTF_8),
                new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.err), BUFFER),
                        true,
                        StandardCharsets.UTF_8),
                outIsTerminal,
                isTerminal(2),
                (noColor == null || noColor.isEmpty()) && !"dumb".equals(System.getenv("TERM")));
    }

    /** One line on {@code err}, behind whatever {@code out} holds back. */
    void say(String line) {
        out.flush();
        err.println(Text.clean(line));
        err.flush();
    }

    /**
     * {@code text} for {@code out}, coloured with the SGR parameter {@code sgr} where that is
     * wanted.
     */
    String paint(String sgr, String text) {
        return outIsTerminal && color ? "\033[" + sgr + "m" + text + "\033[0m" : text;
    }

    /**
     * Asks Linux about the one file descriptor; elsewhere Java knows only whether both ends are
     * terminals.
     */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            Console console = System.console();
            return console.isTerminal();
        }
    }
}

package org.trufflebpf.launcher;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The help text for terminals narrower than 80 columns, which picocli's two columns do not fit:
 * each option in a line of its own, its meaning below it.
 */
final class NarrowHelp {
    static final int MIN_COLUMNS = 40;
    static final int MAX_COLUMNS = 80;

    private final StringBuilder text = new StringBuilder();
    private final int columns;

    private NarrowHelp(int columns) {
        this.columns = columns;
    }

    /** The help text, {@code columns} wide where no single word is wider. */
    static String usage(int columns, String description, String[] examples) {
        NarrowHelp help = new NarrowHelp(columns);
        help.wrap("Usage: ebpf-run [options] prog.o [more.o...] [program]", "", "  ");
        help.wrap(
                "ebpf-run --verify-only [options] prog.o [more.o...] [program...]",
                "       ",
                "         ");
        help.wrap("ebpf-run [options] --batch FILE", "       ", "         ");
        help.text.append('\n');
        help.wrap(description, "", "");
        for (Option.Group group : Option.Group.values()) {
            help.text.append('\n').append(group.heading()).append(":\n");
            for (Option option : Option.values()) {
                if (option.group() == group) {
                    String parameter = option.parameter() == null ? "" : " " + option.parameter();
                    help.wrap(option.flag() + parameter, "  ", "      ");
                    help.wrap(option.help(), "      ", "      ");
                }
            }
        }
        for (String line : examples) {
            help.example(line);
        }
        return help.text.toString();
    }

    /** A command, with what it does below it; or a line of text. */
    private void example(String line) {
        String body = line.strip();
        String indent = line.startsWith(" ") ? "  " : "";
        int gap = body.indexOf("   ");
        if (!line.startsWith("  ebpf-run ")) {
            wrap(body, indent.isEmpty() ? "" : "      ", indent.isEmpty() ? "" : "      ");
        } else if (gap < 0) {
            wrap(body, indent, "    ");
        } else {
            wrap(body.substring(0, gap), indent, "    ");
            wrap(body.substring(gap).strip(), "      ", "      ");
        }
    }

    /** Appends words, as many to a line as fit. */
    private void wrap(String words, String first, String next) {
        StringBuilder line = new StringBuilder(first);
        boolean empty = true;
        for (String word : words.strip().split(" +", -1)) {
            if (!empty && line.length() + 1 + word.length() > columns) {
                text.append(line).append('\n');
                line = new StringBuilder(next);
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    /** Columns for the help text: what COLUMNS says, else the terminal's, 40 to 80. */
    static int columns(String variable, boolean terminal) {
        int columns = number(variable);
        if (columns <= 0 && terminal) {
            columns = terminalColumns();
        }
        return columns <= 0 ? MAX_COLUMNS : Math.clamp(columns, MIN_COLUMNS, MAX_COLUMNS);
    }

    /** Asks stty, as Java does not know; 0 where it does not either. */
    private static int terminalColumns() {
        try {
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(new File("/dev/tty"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try (InputStream stream = stty.getInputStream()) {
                if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                    stty.destroy();
                    return 0;
                }
                // Rows, then columns.
                String size = new String(stream.readNBytes(64), StandardCharsets.US_ASCII);
                return number(size.strip().replaceFirst("^\\S+\\s+", ""));
            }
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String text) {
        return text != null && text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }
}

package org.trufflebpf.verifier;

import java.util.List;

/**
 * One program of a case file ({@code src/test/resources/verifier}), and the kernel's verdict on it.
 *
 * @param file the file's name, which is that of the rules
 * @param name unique in its file: the block's name and the row of its table
 * @param headers what stands between the name and the program: {@code type xdp}, {@code map ...}
 * @param text the program, its holes filled
 * @param expected what was recorded from the kernel, {@code null} before it was
 * @param line the line of the file that holds the verdict, from 0
 */
public record VerifierCase(
        String file, String name, List<String> headers, String text, Verdict expected, int line) {

    /**
     * A verdict.
     *
     * @param message of a refusal: the errno's name and the last line of the kernel's log before
     *     its statistics; empty if accepted
     */
    public record Verdict(boolean accepted, String message) {
        static final Verdict ACCEPTED = new Verdict(true, "");

        static Verdict parse(String text) {
            if (text.isBlank()) {
                return null;
            }
            return text.strip().equals("accept")
                    ? ACCEPTED
                    : new Verdict(false, text.strip().replaceFirst("^reject *", ""));
        }

        @Override
        public String toString() {
            return accepted ? "accept" : "reject " + message;
        }
    }

    /** The words behind a header's name, {@code otherwise} where there is no such header. */
    String header(String name, String otherwise) {
        return headers.stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }

    boolean has(String flag) {
        return headers.contains(flag);
    }

    @Override
    public String toString() {
        return file + ": " + name;
    }
}

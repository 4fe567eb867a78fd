package org.trufflebpf.launcher;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Text from objects and programs on its way to a person. Names, messages and trace lines are chosen
 * by whoever wrote the object: their control characters, which could drive a terminal, are shown as
 * {@code \x1b}.
 */
final class Text {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    /** {@code text} without control characters, lines and tabs aside. */
    static String clean(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c)) {
                if (clean == null) {
                    clean = new StringBuilder(text.length() + 16).append(text, 0, i);
                }
                clean.append("\\x").append(DIGITS[c >> 4 & 15]).append(DIGITS[c & 15]);
            } else if (clean != null) {
                clean.append(c);
            }
        }
        return clean == null ? text : clean.toString();
    }

    /** As {@link #clean}, and in one line: for names in tables and messages. */
    static String line(String text) {
        return clean(text).replace('\n', ' ').replace('\t', ' ');
    }

    /** C0, DEL and C1. */
    private static boolean isControl(int c) {
        return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    }

    /** A number with a comma between each three digits. */
    static String grouped(long number) {
        String digits = Long.toString(number);
        StringBuilder text = new StringBuilder(digits);
        for (int i = digits.length() - 3; i > (number < 0 ? 1 : 0); i -= 3) {
            text.insert(i, ',');
        }
        return text.toString();
    }

    /** A positive number with one digit behind the point below 100, none from there. */
    static String rounded(double number) {
        if (number >= 100) {
            return grouped(Math.round(number));
        }
        long tenths = Math.round(number * 10);
        return tenths / 10 + "." + tenths % 10;
    }

    /** Bytes as digits, two for each. */
    static String hex(byte[] bytes) {
        char[] text = new char[bytes.length * 2];
        for (int i = 0; i < bytes.length; i++) {
            text[2 * i] = DIGITS[bytes[i] >> 4 & 15];
            text[2 * i + 1] = DIGITS[bytes[i] & 15];
        }
        return new String(text);
    }

    /**
     * The bytes that pairs of digits say, blanks between and within them aside, or {@code null}
     * where {@code text} holds anything else.
     */
    static byte[] unhex(CharSequence text) {
        byte[] bytes = new byte[(text.length() + 1) / 2];
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                continue;
            }
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return null;
            }
            bytes[digits / 2] |= (byte) (digits % 2 == 0 ? digit << 4 : digit);
            digits++;
        }
        return digits % 2 != 0 ? null : Arrays.copyOf(bytes, digits / 2);
    }

    /** Lines in the form of xxd, each behind {@code indent}. */
    static String dump(byte[] bytes, String indent) {
        StringBuilder text = new StringBuilder(bytes.length * 5 + 80);
        for (int start = 0; start < bytes.length; start += 16) {
            text.append(indent);
            for (int shift = 28; shift >= 0; shift -= 4) {
                text.append(DIGITS[start >> shift & 15]);
            }
            text.append(':');
            for (int i = start; i < start + 16; i++) {
                if (i % 2 == 0) {
                    text.append(' ');
                }
                if (i < bytes.length) {
                    text.append(DIGITS[bytes[i] >> 4 & 15]).append(DIGITS[bytes[i] & 15]);
                } else {
                    text.append("  ");
                }
            }
            text.append("  ");
            for (int i = start; i < Math.min(start + 16, bytes.length); i++) {
                text.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            text.append('\n');
        }
        return text.toString();
    }

    /**
     * Cleans UTF-8 text on its way to {@code target}; C1 controls take two bytes there. The target
     * is flushed at the end of each line where {@code live}.
     */
    static OutputStream cleaning(OutputStream target, boolean live) {
        return new CleaningStream(target, live);
    }

    private static final class CleaningStream extends FilterOutputStream {
        private static final int C1_LEAD = 0xc2;

        private final boolean live;
        private boolean afterLead;

        CleaningStream(OutputStream target, boolean live) {
            super(target);
            this.live = live;
        }

        @Override
        public void write(int value) throws IOException {
            int b = value & 0xff;
            if (afterLead) {
                afterLead = false;
                if (b >= 0x80 && b < 0xa0) {
                    escape(b);
                    return;
                }
                out.write(C1_LEAD);
            }
            if (b == C1_LEAD) {
                afterLead = true;
            } else if (b < 0x80 && isControl(b)) {
                escape(b);
            } else {
                out.write(b);
                if (b == '\n' && live) {
                    out.flush();
                }
            }
        }

        private void escape(int b) throws IOException {
            out.write('\\');
            out.write('x');
            out.write(DIGITS[b >> 4]);
            out.write(DIGITS[b & 15]);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                write(bytes[i]);
            }
        }

        /** Ends with its context, unlike the process's streams. */
        @Override
        public void close() throws IOException {
            flush();
        }
    }

    private Text() {}
}

package org.trufflebpf.verifier;

/**
 * The formats that {@code bpf_snprintf} takes, and how many arguments they use (kernel: {@code
 * bpf_bprintf_prepare} with a format that is known when the program is loaded).
 */
final class FormatCheck {
    private final byte[] bytes;
    private final int arguments;
    private int at;
    private int used;

    private FormatCheck(byte[] bytes, int at, int arguments) {
        this.bytes = bytes;
        this.at = at;
        this.arguments = arguments;
    }

    /** Whether the text at an offset, up to its NUL, is a format for so many arguments at least. */
    static boolean isValid(byte[] bytes, int offset, int arguments) {
        return new FormatCheck(bytes, offset, arguments).isValid();
    }

    private int peek(int ahead) {
        return at + ahead < bytes.length ? bytes[at + ahead] & 0xff : 0;
    }

    private boolean isValid() {
        while (peek(0) != 0) {
            int c = peek(0);
            if (c < ' ' && !isSpace(c)) {
                return false;
            }
            if (c != '%') {
                at++;
            } else if (peek(1) == '%') {
                at += 2;
            } else {
                at++;
                if (used++ >= arguments || !conversion()) {
                    return false;
                }
                at++;
            }
        }
        return true;
    }

    /** Ends on the last character of the conversion. */
    private boolean conversion() {
        while ("0+- ".indexOf(peek(0)) >= 0) {
            at++;
        }
        if (peek(0) >= '1' && peek(0) <= '9') {
            while (Character.isDigit(peek(0))) {
                at++;
            }
        }
        return switch (peek(0)) {
            case 'p' -> pointer();
            case 's', 'c' -> peek(0) == 'c' || endsWord(1);
            default -> number();
        };
    }

    private boolean pointer() {
        if ((peek(1) == 'k' || peek(1) == 'u') && peek(2) == 's') {
            at += 2;
            return endsWord(1);
        }
        if (endsWord(1)) {
            return true;
        }
        if ("KxsSB".indexOf(peek(1)) >= 0) {
            at++;
            return true;
        }
        boolean address = (peek(1) == 'i' || peek(1) == 'I') && (peek(2) == '4' || peek(2) == '6');
        at += address ? 2 : 0;
        return address;
    }

    private boolean number() {
        for (int i = 0; i < 2 && peek(0) == 'l'; i++) {
            at++;
        }
        return peek(0) != 0 && "iduxX".indexOf(peek(0)) >= 0;
    }

    /** Whether a word ends: the text, a space or punctuation follows. */
    private boolean endsWord(int ahead) {
        int c = peek(ahead);
        return c == 0 || isSpace(c) || (c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c));
    }

    private static boolean isSpace(int c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}

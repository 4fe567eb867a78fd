package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.LongUnaryOperator;

/**
 * The formats of {@code bpf_trace_printk} and its kin: what the kernel's {@code
 * bpf_bprintf_prepare} lets through, written as its {@code vsnprintf} writes it. One object formats
 * once.
 */
final class Printf {
    /** Most arguments of one format ({@code MAX_BPRINTF_VARARGS}). */
    static final int MAX_ARGS = 12;

    private static final long INVALID = Errno.EINVAL.negative();

    /**
     * Bytes that the arguments of one format may take, strings included ({@code
     * MAX_BPRINTF_BIN_ARGS}).
     */
    private static final int ARGUMENT_SPACE = 512;

    private static final int MAX_WIDTH = (1 << 23) - 1;

    private final Run run;
    private final byte[] format;
    private final LongUnaryOperator args;
    private final int count;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int at;
    private int used;
    private int room = ARGUMENT_SPACE;
    private long limit = Long.MAX_VALUE;

    // the flags and the width of the conversion at hand
    private boolean left;
    private boolean plus;
    private boolean blank;
    private boolean zero;
    private int width;

    /**
     * Prepares a format.
     *
     * @param format the text without its NUL
     * @param args gives the argument of an index
     * @param count number of arguments
     */
    Printf(Run run, byte[] format, LongUnaryOperator args, int count) {
        this.run = run;
        this.format = format;
        this.args = args;
        this.count = count;
    }

    /** What was written, of any length. */
    byte[] output() {
        return out.toByteArray();
    }

    /**
     * Says how many bytes the caller takes: what stands behind them counts for the length, but
     * texts of pointers do not, as the kernel leaves them out once its buffer is full.
     */
    void limit(long bytes) {
        limit = bytes;
    }

    private void writePointer(String text) {
        room -= Math.min(room, text.length() + 1);
        if (out.size() < limit) {
            write(text);
        }
    }

    /** Formats; 0 or a negative errno. */
    long run() {
        while (at < format.length) {
            int character = peek(0);
            if (character < 0x80 && !isPrintable(character) && !isSpace(character)) {
                return INVALID;
            }
            at++;
            if (character != '%') {
                out.write(character);
            } else if (peek(0) == '%') {
                at++;
                out.write('%');
            } else {
                long error = conversion();
                if (error != 0) {
                    return error;
                }
            }
        }
        return 0;
    }

    private int peek(int ahead) {
        return at + ahead < format.length ? Byte.toUnsignedInt(format[at + ahead]) : 0;
    }

    private long conversion() {
        if (used >= count) {
            return INVALID;
        }
        flags();
        return switch (peek(0)) {
            case 'p' -> pointer();
            case 's' -> {
                at++;
                yield string('s');
            }
            case 'c' -> character();
            default -> number();
        };
    }

    private void flags() {
        left = false;
        plus = false;
        blank = false;
        zero = false;
        for (; ; at++) {
            switch (peek(0)) {
                case '-' -> left = true;
                case '+' -> plus = true;
                case ' ' -> blank = true;
                case '0' -> zero = true;
                default -> {
                    width = 0;
                    while (peek(0) >= '0' && peek(0) <= '9') {
                        width = Math.min(width * 10 + peek(0) - '0', MAX_WIDTH);
                        at++;
                    }
                    return;
                }
            }
        }
    }

    private long next() {
        return args.applyAsLong(used++);
    }

    // ---- numbers and characters

    private long number() {
        boolean wide = peek(0) == 'l';
        if (wide) {
            at += peek(1) == 'l' ? 2 : 1;
        }
        int kind = peek(0);
        if (kind != 'd' && kind != 'i' && kind != 'u' && kind != 'x' && kind != 'X') {
            return INVALID;
        }
        at++;
        if (!takeAligned(wide ? 8 : 4)) {
            return Errno.ENOSPC.negative();
        }
        long value = next();
        if (kind == 'd' || kind == 'i') {
            long signed = wide ? value : (int) value;
            digits(
                    signed < 0 ? "-" : plus ? "+" : blank ? " " : "",
                    Long.toUnsignedString(Math.abs(signed)));
        } else {
            long unsigned = wide ? value : value & 0xffff_ffffL;
            String text =
                    kind == 'u' ? Long.toUnsignedString(unsigned) : Long.toHexString(unsigned);
            digits("", kind == 'X' ? text.toUpperCase(Locale.ROOT) : text);
        }
        return 0;
    }

    /** Writes sign and digits, filled up to the width with blanks or zeros. */
    private void digits(String sign, String digits) {
        int fill = Math.max(0, width - sign.length() - digits.length());
        if (left) {
            write(sign + digits);
            fill(fill, ' ');
        } else if (zero) {
            write(sign);
            fill(fill, '0');
            write(digits);
        } else {
            fill(fill, ' ');
            write(sign + digits);
        }
    }

    private long character() {
        at++;
        if (room == 0) {
            return Errno.ENOSPC.negative();
        }
        room--;
        int value = (int) next();
        padded(new byte[] {(byte) value});
        return 0;
    }

    // ---- strings and pointers

    /** {@code %s}, {@code %pks} and {@code %pus}; the conversion's letters are behind. */
    private long string(char space) {
        if (peek(0) != 0 && !isSpace(peek(0)) && !isPunctuation(peek(0))) {
            return INVALID;
        }
        if (room == 0) {
            return Errno.ENOSPC.negative();
        }
        byte[] text = ProbeHelpers.readText(run, next(), room, space);
        room -= Math.min(room, text.length + 1);
        if (space == 's') {
            padded(text);
        } else {
            out.writeBytes(text);
        }
        return 0;
    }

    private long pointer() {
        int kind = peek(1);
        if (kind == 0 || isSpace(kind) || isPunctuation(kind)) {
            at++;
            return address('p');
        }
        if ((kind == 'k' || kind == 'u') && peek(2) == 's') {
            at += 3;
            return string((char) kind);
        }
        if (kind == 'K' || kind == 'x' || kind == 's' || kind == 'S' || kind == 'B') {
            at += 2;
            return address((char) kind);
        }
        boolean ip = (kind == 'i' || kind == 'I') && (peek(2) == '4' || peek(2) == '6');
        if (!ip) {
            return INVALID;
        }
        int size = peek(2) == '4' ? 4 : 16;
        at += 3;
        if (room < size) {
            return Errno.ENOSPC.negative();
        }
        String text = ipAddress(ProbeHelpers.readBytes(run, next(), size), kind == 'I');
        writePointer(text);
        skipName();
        return 0;
    }

    private long address(char kind) {
        if (kind != 'B' && !takeAligned(8)) {
            return Errno.ENOSPC.negative();
        }
        long value = next();
        switch (kind) {
            case 'x' -> hex(value);
            case 's', 'S' ->
                    padded(("0x" + Long.toHexString(value)).getBytes(StandardCharsets.ISO_8859_1));
            case 'B' -> {
                writePointer("0x" + Long.toHexString(value));
            }
            default -> hex(isErrorOrNull(value) ? value : hash(run, value));
        }
        skipName();
        return 0;
    }

    /** A pointer's digits: 16 with leading zeros unless a width is given. */
    private void hex(long value) {
        if (width == 0) {
            write(String.format(Locale.ROOT, "%016x", value));
        } else {
            digits("", Long.toHexString(value));
        }
    }

    /** The 16 digits of a pointer, or of what stands for it unless {@code raw}. */
    static String pointer(Run run, long value, boolean raw) {
        long shown = raw || isErrorOrNull(value) ? value : hash(run, value);
        return String.format(Locale.ROOT, "%016x", shown);
    }

    private static boolean isErrorOrNull(long value) {
        return value == 0 || Long.compareUnsigned(value, -4095) >= 0;
    }

    /**
     * {@code %p} prints 32 bits that stand for the pointer, the same for the same pointer while the
     * machine runs.
     */
    private static long hash(Run run, long value) {
        long z = (value ^ run.machine().environment().seed()) * 0xbf58476d1ce4e5b9L;
        return (z ^ (z >>> 31)) >>> 32;
    }

    /** The kernel takes letters and digits behind a pointer conversion as part of it. */
    private void skipName() {
        while (Character.isLetterOrDigit(peek(0)) && peek(0) < 0x80) {
            at++;
        }
    }

    private static String ipAddress(byte[] bytes, boolean separated) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            int value = Byte.toUnsignedInt(bytes[i]);
            if (bytes.length == 4) {
                text.append(i > 0 ? "." : "")
                        .append(separated ? "" + value : String.format(Locale.ROOT, "%03d", value));
            } else {
                text.append(separated && i > 0 && i % 2 == 0 ? ":" : "")
                        .append(String.format(Locale.ROOT, "%02x", value));
            }
        }
        return text.toString();
    }

    // ---- writing

    private void padded(byte[] text) {
        int fill = Math.max(0, width - text.length);
        if (!left) {
            fill(fill, ' ');
        }
        out.writeBytes(text);
        if (left) {
            fill(fill, ' ');
        }
    }

    private void fill(int size, char with) {
        for (int i = 0; i < size; i++) {
            out.write(with);
        }
    }

    private void write(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Takes room for a number among the arguments, aligned to 4 bytes as the kernel keeps them. */
    private boolean takeAligned(int size) {
        room = room & ~3;
        if (room < size) {
            return false;
        }
        room -= size;
        return true;
    }

    private static boolean isPrintable(int character) {
        return character >= ' ' && character < 0x7f;
    }

    private static boolean isSpace(int character) {
        return StringHelpers.isSpace(character);
    }

    private static boolean isPunctuation(int character) {
        return isPrintable(character) && character != ' ' && !Character.isLetterOrDigit(character);
    }
}

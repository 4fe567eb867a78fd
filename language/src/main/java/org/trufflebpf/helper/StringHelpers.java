package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Comparing strings and reading numbers. */
final class StringHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long RANGE = Errno.ERANGE.negative();

    /** {@code BPF_STRTOX_BASE_MASK}. */
    private static final long BASE_MASK = 0x1f;

    /** Characters of a number that the kernel looks at. */
    private static final int MAX_DIGITS = 63;

    private StringHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "strncmp",
                (run, first, size, second, r4, r5) -> compare(run.memory(), first, size, second));
        all.put(
                "strtol",
                (run, text, size, flags, result, r5) ->
                        new Number(run, text, (int) size).signed(flags, result));
        all.put(
                "strtoul",
                (run, text, size, flags, result, r5) ->
                        new Number(run, text, (int) size).unsigned(flags, result));
    }

    private static long compare(Memory memory, long first, long size, long second) {
        for (long i = 0; i < size; i++) {
            int a = Byte.toUnsignedInt(memory.getByte(first + i));
            int b = Byte.toUnsignedInt(memory.getByte(second + i));
            if (a != b) {
                return a < b ? -1 : 1;
            }
            if (a == 0) {
                break;
            }
        }
        return 0;
    }

    static boolean isSpace(int character) {
        return character == ' ' || (character >= '\t' && character <= '\r') || character == 0xa0;
    }

    /** A number at the front of a text, read as the kernel's {@code __bpf_strtoull} does. */
    private static final class Number {
        private final Memory memory;
        private final long text;
        private final int size;
        private boolean negative;
        private long value;

        Number(Run run, long text, int size) {
            this.memory = run.memory();
            this.text = text;
            this.size = size;
        }

        long signed(long flags, long result) {
            memory.putLong(result, 0);
            long consumed = parse(flags);
            if (consumed < 0) {
                return consumed;
            }
            long signed = negative ? -value : value;
            if (negative ? signed > 0 : signed < 0) {
                return RANGE;
            }
            memory.putLong(result, signed);
            return consumed;
        }

        long unsigned(long flags, long result) {
            memory.putLong(result, 0);
            long consumed = parse(flags);
            if (consumed < 0) {
                return consumed;
            }
            if (negative) {
                return INVALID;
            }
            memory.putLong(result, value);
            return consumed;
        }

        /** The number of characters consumed, or an error. */
        private long parse(long flags) {
            int base = (int) (flags & BASE_MASK);
            if ((flags & ~BASE_MASK) != 0 || (base != 0 && base != 8 && base != 10 && base != 16)) {
                return INVALID;
            }
            int at = 0;
            while (at < size && isSpace(character(at))) {
                at++;
            }
            negative = at < size && character(at) == '-';
            if (negative) {
                at++;
            }
            if (at == size) {
                return INVALID;
            }
            int limit = Math.min(size, at + MAX_DIGITS);
            boolean prefixed =
                    at + 1 < limit && character(at) == '0' && (character(at + 1) | 0x20) == 'x';
            if (base == 0) {
                boolean hex =
                        prefixed && at + 2 < limit && Character.digit(character(at + 2), 16) >= 0;
                base = hex ? 16 : character(at) == '0' ? 8 : 10;
            }
            if (base == 16 && prefixed) {
                at += 2;
            }
            return digits(at, limit, base);
        }

        private long digits(int start, int limit, int base) {
            boolean overflow = false;
            int at = start;
            for (; at < limit; at++) {
                int digit = character(at) < 0x80 ? Character.digit(character(at), base) : -1;
                if (digit < 0) {
                    break;
                }
                overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0;
                value = value * base + digit;
            }
            if (overflow) {
                return RANGE;
            }
            return at == start ? INVALID : at;
        }

        private int character(int index) {
            return Byte.toUnsignedInt(memory.getByte(text + index));
        }
    }
}

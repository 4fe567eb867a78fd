package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * Functions on strings anywhere in the kernel's memory; what cannot be read is an error, not a
 * fault.
 */
final class StringKfuncs {
    /** Longest string ({@code XATTR_SIZE_MAX}). */
    private static final int LIMIT = 65536;

    private static final long TOO_LONG = Errno.E2BIG.negative();
    private static final long MISSING = Errno.ENOENT.negative();

    private StringKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("strlen", (run, text, r2, r3, r4, r5) -> find(run, text, LIMIT, 0, true));
        all.put("strnlen", (run, text, size, r3, r4, r5) -> length(run, text, size));
        all.put("strcmp", (run, first, second, r3, r4, r5) -> compare(run, first, second, false));
        all.put(
                "strchr",
                (run, text, wanted, r3, r4, r5) -> find(run, text, LIMIT, (byte) wanted, true));
        all.put(
                "strnchr",
                (run, text, size, wanted, r4, r5) -> find(run, text, size, (byte) wanted, false));
        all.put(
                "strchrnul",
                (run, text, wanted, r3, r4, r5) -> findOrEnd(run, text, (byte) wanted));
        all.put("strrchr", (run, text, wanted, r3, r4, r5) -> findLast(run, text, (byte) wanted));
        all.put("strspn", (run, text, set, r3, r4, r5) -> span(run, text, set, true));
        all.put("strcspn", (run, text, set, r3, r4, r5) -> span(run, text, set, false));
        all.put("strstr", (run, text, wanted, r3, r4, r5) -> search(run, text, wanted, LIMIT));
        all.put("strnstr", (run, text, wanted, size, r4, r5) -> search(run, text, wanted, size));
        all.put(
                "strcasecmp",
                (run, first, second, r3, r4, r5) -> compare(run, first, second, true));
    }

    /** A character of a string, or a negative error. */
    private static long at(Run run, long address) {
        long error = ProbeHelpers.kernelError(run, address);
        return error != 0 ? error : Byte.toUnsignedInt(run.memory().getByte(address));
    }

    /** The index of a character, else of the NUL. */
    private static long findOrEnd(Run run, long text, byte wanted) {
        for (int i = 0; i < LIMIT; i++) {
            long character = at(run, text + i);
            if (character < 0) {
                return character;
            }
            if (character == 0 || (byte) character == wanted) {
                return i;
            }
        }
        return TOO_LONG;
    }

    private static long findLast(Run run, long text, byte wanted) {
        long last = MISSING;
        for (int i = 0; i < LIMIT; i++) {
            long character = at(run, text + i);
            if (character < 0) {
                return character;
            }
            if ((byte) character == wanted) {
                last = i;
            }
            if (character == 0) {
                return last;
            }
        }
        return TOO_LONG;
    }

    /**
     * The length of the part at the beginning that consists of characters of a set, or of others.
     */
    private static long span(Run run, long text, long set, boolean within) {
        for (int i = 0; i < LIMIT; i++) {
            long character = at(run, text + i);
            if (character <= 0) {
                return character < 0 ? character : i;
            }
            long found = MISSING;
            for (int j = 0; j < LIMIT; j++) {
                long candidate = at(run, set + j);
                if (candidate < 0) {
                    return candidate;
                }
                if (candidate == 0) {
                    break;
                }
                if (candidate == character) {
                    found = j;
                    break;
                }
            }
            if (within == (found == MISSING)) {
                return i;
            }
        }
        return TOO_LONG;
    }

    /** The index at which a string begins in the first {@code size} characters of another. */
    private static long search(Run run, long text, long wanted, long size) {
        if (at(run, wanted) == 0) {
            return 0;
        }
        for (int i = 0; i < LIMIT && Long.compareUnsigned(i, size) < 0; i++) {
            for (int j = 0; ; j++) {
                if (i + j >= LIMIT) {
                    return TOO_LONG;
                }
                long character = at(run, wanted + j);
                if (character < 0) {
                    return character;
                }
                if (character == 0) {
                    return i;
                }
                if (Long.compareUnsigned(i + j, size) >= 0) {
                    return MISSING;
                }
                long other = at(run, text + i + j);
                if (other <= 0) {
                    return other < 0 ? other : MISSING;
                }
                if (character != other) {
                    break;
                }
            }
        }
        return Long.compareUnsigned(size, LIMIT) >= 0 ? TOO_LONG : MISSING;
    }

    /** The index of a character up to and including the NUL, or an error. */
    private static long find(Run run, long text, long size, int wanted, boolean whole) {
        for (int i = 0; i < LIMIT && Long.compareUnsigned(i, size) < 0; i++) {
            long error = ProbeHelpers.kernelError(run, text + i);
            if (error != 0) {
                return error;
            }
            byte character = run.memory().getByte(text + i);
            if (character == wanted) {
                return i;
            }
            if (character == 0) {
                return MISSING;
            }
        }
        return whole || Long.compareUnsigned(size, LIMIT) > 0 ? TOO_LONG : MISSING;
    }

    /** The kernel's {@code tolower}, of Latin-1. */
    private static int lower(int character) {
        boolean upper =
                (character >= 'A' && character <= 'Z')
                        || (character >= 0xc0 && character <= 0xde && character != 0xd7);
        return upper ? character + 0x20 : character;
    }

    private static long length(Run run, long text, long size) {
        long length = find(run, text, size, 0, false);
        return length == MISSING ? size : length;
    }

    private static long compare(Run run, long first, long second, boolean anyCase) {
        Memory memory = run.memory();
        for (int i = 0; i < LIMIT; i++) {
            long error = ProbeHelpers.kernelError(run, first + i);
            if (error == 0) {
                error = ProbeHelpers.kernelError(run, second + i);
            }
            if (error != 0) {
                return error;
            }
            int a = Byte.toUnsignedInt(memory.getByte(first + i));
            int b = Byte.toUnsignedInt(memory.getByte(second + i));
            if (anyCase) {
                a = lower(a);
                b = lower(b);
            }
            if (a != b) {
                return a < b ? -1 : 1;
            }
            if (a == 0) {
                return 0;
            }
        }
        return TOO_LONG;
    }
}

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
        all.put("strcmp", (run, first, second, r3, r4, r5) -> compare(run, first, second));
        all.put(
                "strchr",
                (run, text, wanted, r3, r4, r5) -> find(run, text, LIMIT, (byte) wanted, true));
        all.put(
                "strnchr",
                (run, text, size, wanted, r4, r5) -> find(run, text, size, (byte) wanted, false));
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

    private static long length(Run run, long text, long size) {
        long length = find(run, text, size, 0, false);
        return length == MISSING ? size : length;
    }

    private static long compare(Run run, long first, long second) {
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

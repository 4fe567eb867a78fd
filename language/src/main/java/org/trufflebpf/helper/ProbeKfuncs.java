package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Functions that read from addresses that may not be there, into dynptrs and as strings. */
final class ProbeKfuncs {
    /** {@code BPF_F_PAD_ZEROS}. */
    private static final long PAD_ZEROS = 1;

    private ProbeKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        for (String task : new String[] {"", "_task"}) {
            all.put(
                    "copy_from_user" + task + "_dynptr",
                    (run, to, at, size, from, r5) -> bytes(run, to, at, size, from, true));
        }
        all.put(
                "copy_from_user_str_dynptr",
                (run, to, at, size, from, r5) -> text(run, to, at, size, from, true));
        // of a task's memory that cannot be read the string is empty
        all.put(
                "copy_from_user_task_str_dynptr",
                (run, to, at, size, from, task) -> {
                    long result = text(run, to, at, size, from, true);
                    if (result == Errno.EFAULT.negative()) {
                        new Dynptr(run, to).clear(at & 0xffff_ffffL);
                    }
                    return result;
                });
        all.put(
                "probe_read_user_dynptr",
                (run, to, at, size, from, r5) -> bytes(run, to, at, size, from, true));
        all.put(
                "probe_read_user_str_dynptr",
                (run, to, at, size, from, r5) -> text(run, to, at, size, from, true));
        all.put(
                "probe_read_kernel_dynptr",
                (run, to, at, size, from, r5) -> bytes(run, to, at, size, from, false));
        all.put(
                "probe_read_kernel_str_dynptr",
                (run, to, at, size, from, r5) -> text(run, to, at, size, from, false));
        all.put(
                "copy_from_user_str",
                (run, to, size, from, flags, r5) -> string(run, to, size, from, flags));
        all.put(
                "copy_from_user_task_str",
                (run, to, size, from, task, flags) -> {
                    long result = string(run, to, size, from, flags);
                    if (result == Errno.EFAULT.negative()) {
                        run.memory().putByte(to, (byte) 0);
                    }
                    return result;
                });
    }

    /** The place in a dynptr to write to, or a negative error. */
    private static long place(Dynptr dynptr, long at, long size) {
        if (dynptr.isNull() || dynptr.isReadOnly()) {
            return Errno.EINVAL.negative();
        }
        return dynptr.holds(at, size) ? 0 : Errno.E2BIG.negative();
    }

    private static long bytes(Run run, long to, long at, long size, long from, boolean user) {
        return copy(run, to, at & 0xffff_ffffL, size & 0xffff_ffffL, from, user, false);
    }

    private static long text(Run run, long to, long at, long size, long from, boolean user) {
        return copy(run, to, at & 0xffff_ffffL, size & 0xffff_ffffL, from, user, true);
    }

    private static long copy(
            Run run, long to, long at, long size, long from, boolean user, boolean text) {
        Dynptr dynptr = new Dynptr(run, to);
        long error = place(dynptr, at, size);
        if (error != 0) {
            return error;
        }
        long bytes = Scratch.take(run, (int) Math.max(1, size));
        try {
            long result =
                    text
                            ? ProbeHelpers.readText(run, bytes, size, from, user)
                            : ProbeHelpers.readBytes(run, bytes, size, from, user);
            if (result < 0) {
                // what was there stays, as far as the kernel had not come
                return result;
            }
            dynptr.write(at, bytes, text ? result : size, 0);
            return result;
        } finally {
            Scratch.give(run, bytes);
        }
    }

    /**
     * Copies a string with its NUL; the rest is zeros if that is asked for, or all of it if nothing
     * can be read. Else what was there stays.
     */
    private static long string(Run run, long to, long length, long from, long flags) {
        long size = length & 0xffff_ffffL;
        if ((flags & ~PAD_ZEROS) != 0) {
            return Errno.EINVAL.negative();
        }
        if (size == 0) {
            return 0;
        }
        long bytes = Scratch.take(run, (int) size);
        try {
            long result = ProbeHelpers.readText(run, bytes, size, from, true);
            long copied = Math.max(0, result);
            run.memory().copy(bytes, to, copied);
            if (flags != 0) {
                run.memory().fill(to + copied, size - copied, (byte) 0);
            }
            return result;
        } finally {
            Scratch.give(run, bytes);
        }
    }
}

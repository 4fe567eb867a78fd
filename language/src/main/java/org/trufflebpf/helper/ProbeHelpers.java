package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Arrays;
import java.util.Map;

/**
 * Reads from addresses that may not be there. A failed read fills the destination with zeros and
 * returns {@code -EFAULT}, or {@code -ERANGE} where the kernel sees at once that an address is not
 * the kernel's. Kernel memory is everything a program could address; user memory are regions of
 * kind {@link Region.Kind#MEMORY}.
 */
final class ProbeHelpers {
    private static final long FAULT = Errno.EFAULT.negative();
    private static final long RANGE = Errno.ERANGE.negative();

    private ProbeHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        HelperFunction user =
                (run, to, size, from, r4, r5) -> read(run.memory(), to, size, from, true);
        HelperFunction kernel =
                (run, to, size, from, r4, r5) -> read(run.memory(), to, size, from, false);
        HelperFunction userText =
                (run, to, size, from, r4, r5) -> text(run.memory(), to, size, from, true);
        HelperFunction kernelText =
                (run, to, size, from, r4, r5) -> text(run.memory(), to, size, from, false);
        all.put("probe_read_user", user);
        all.put("probe_read_kernel", kernel);
        all.put("probe_read_user_str", userText);
        all.put("probe_read_kernel_str", kernelText);
        all.put("copy_from_user", user);
        all.put(
                "probe_read",
                (run, to, size, from, r4, r5) ->
                        read(run.memory(), to, size, from, isUser(run, from)));
        all.put(
                "probe_read_str",
                (run, to, size, from, r4, r5) ->
                        text(run.memory(), to, size, from, isUser(run, from)));
    }

    /**
     * Which memory the helpers from before the division mean: the user's for addresses that only a
     * user can have.
     */
    private static boolean isUser(Run run, long address) {
        Region region = run.memory().find(address);
        return region != null ? region.kind() == Region.Kind.MEMORY : address >= 0;
    }

    /** Reads bytes of either memory; 0 or a negative error. */
    static long readBytes(Run run, long to, long size, long from, boolean user) {
        return read(run.memory(), to, size, from, user);
    }

    /** Reads a string of either memory; the bytes with its NUL, or a negative error. */
    static long readText(Run run, long to, long size, long from, boolean user) {
        return text(run.memory(), to, size, from, user);
    }

    /** As {@code bpf_copy_from_user}. */
    static long readUser(Run run, long to, long size, long from) {
        return read(run.memory(), to, size, from, true);
    }

    private static long read(Memory memory, long to, long size, long from, boolean user) {
        if (size == 0) {
            // the kernel looks at an address of its own space before it looks at the size
            return !user && error(memory, from, false) == RANGE ? RANGE : 0;
        }
        if (isReadable(memory, from, size, user)) {
            memory.copy(from, to, size);
            return 0;
        }
        memory.fill(to, size, (byte) 0);
        return error(memory, from, user);
    }

    /** Copies a string with its NUL, cut to {@code size}; gives the number of bytes written. */
    private static long text(Memory memory, long to, long size, long from, boolean user) {
        for (long i = 0; i < size; i++) {
            if (!isReadable(memory, from + i, 1, user)) {
                memory.fill(to, size, (byte) 0);
                return error(memory, from, user);
            }
            byte character = memory.getByte(from + i);
            memory.putByte(to + i, character);
            if (character == 0) {
                return i + 1;
            }
        }
        if (size > 0) {
            memory.putByte(to + size - 1, (byte) 0);
        }
        return size;
    }

    private static boolean isReadable(Memory memory, long from, long size, boolean user) {
        if (!memory.isAccessible(from, size, false)) {
            return false;
        }
        return !user || memory.find(from).kind() == Region.Kind.MEMORY;
    }

    private static long error(Memory memory, long from, boolean user) {
        boolean kernels = from >> 47 == -1 || memory.find(from) != null;
        return user || kernels ? FAULT : RANGE;
    }

    /**
     * A string for printing: up to its NUL, cut so that it fits with a NUL into {@code limit}
     * bytes, empty where nothing can be read.
     *
     * @param space {@code k} for the kernel's memory, {@code u} for the user's, else whichever the
     *     address belongs to
     */
    static byte[] readText(Run run, long from, int limit, char space) {
        boolean user = space == 'u' || (space != 'k' && isUser(run, from));
        byte[] text = new byte[limit];
        for (int i = 0; i < limit; i++) {
            if (!isReadable(run.memory(), from + i, 1, user)) {
                return new byte[0];
            }
            text[i] = run.memory().getByte(from + i);
            if (text[i] == 0) {
                return Arrays.copyOf(text, i);
            }
        }
        return Arrays.copyOf(text, limit - 1);
    }

    /** Bytes of the kernel's memory for printing, zeros where nothing can be read. */
    static byte[] readBytes(Run run, long from, int size) {
        return isReadable(run.memory(), from, size, false)
                ? run.memory().read(from, size)
                : new byte[size];
    }

    /** 0 if a byte of the kernel's memory can be read, else the error. */
    static long kernelError(Run run, long from) {
        return isReadable(run.memory(), from, 1, false) ? 0 : error(run.memory(), from, false);
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Helpers that print a value by its type in the kernel's BTF. */
final class BtfShowHelpers {
    // struct btf_ptr
    private static final int PTR = 0;
    private static final int TYPE_ID = 8;
    private static final int SIZE = 16;

    private BtfShowHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("snprintf_btf", BtfShowHelpers::snprintf);
        all.put("seq_printf_btf", BtfShowHelpers::print);
    }

    private static long snprintf(
            Run run, long buffer, long size, long pointer, long pointerSize, long flags) {
        long error = refusal(run, pointer, pointerSize, flags);
        if (error != 0) {
            return error;
        }
        BtfShow show = new BtfShow(run, btf(run), (int) flags);
        long status = show(run, show, pointer);
        byte[] text = show.text().getBytes(StandardCharsets.ISO_8859_1);
        byte[] cut = Arrays.copyOf(text, (int) Math.min(text.length, size - 1) + 1);
        cut[cut.length - 1] = 0;
        if (text.length > 0) {
            run.memory().write(buffer, cut);
        }
        return status != 0 ? status : text.length;
    }

    private static long print(
            Run run, long file, long pointer, long pointerSize, long flags, long r5) {
        long error = refusal(run, pointer, pointerSize, flags);
        if (error != 0) {
            return error;
        }
        BtfShow show = new BtfShow(run, btf(run), (int) flags);
        long status = show(run, show, pointer);
        run.output().write(show.text().getBytes(StandardCharsets.ISO_8859_1));
        return status;
    }

    private static long show(Run run, BtfShow show, long pointer) {
        Memory memory = run.memory();
        return show.show(memory.getInt(pointer + TYPE_ID), memory.getLong(pointer + PTR));
    }

    private static long refusal(Run run, long pointer, long pointerSize, long flags) {
        if (pointerSize != SIZE || (flags & ~BtfShow.KNOWN) != 0) {
            return Errno.EINVAL.negative();
        }
        int id = run.memory().getInt(pointer + TYPE_ID);
        if (id == 0) {
            return Errno.EINVAL.negative();
        }
        return id < 0 || id >= btf(run).typeCount() ? Errno.ENOENT.negative() : 0;
    }

    /** The types of the kernel, whose ids programs have from relocations. */
    private static Btf btf(Run run) {
        Btf btf = run.machine().world().btf();
        if (btf == null) {
            throw BpfException.trap(
                    "values are shown by the types of the kernel: there are none; give them with"
                            + " --btf");
        }
        return btf;
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * Helpers of {@code sk_msg} programs on their message, which is in one piece here: pulling data
 * makes no difference but to the bounds.
 */
final class MsgHelpers {
    private static final long INVALID = Errno.EINVAL.negative();

    // struct sk_msg_md
    private static final int DATA = 0;
    private static final int DATA_END = 8;
    private static final int SIZE = 68;

    private MsgHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "msg_apply_bytes",
                (run, msg, bytes, r3, r4, r5) -> {
                    run.note("verdict applies to " + (bytes & 0xffff_ffffL) + " bytes");
                    return 0;
                });
        all.put(
                "msg_cork_bytes",
                (run, msg, bytes, r3, r4, r5) -> {
                    run.note("message held until " + (bytes & 0xffff_ffffL) + " bytes are there");
                    return 0;
                });
        all.put("msg_pull_data", MsgHelpers::pull);
        all.put("msg_push_data", MsgHelpers::push);
        all.put("msg_pop_data", MsgHelpers::pop);
    }

    private static long pull(Run run, long msg, long from, long to, long flags, long r5) {
        long start = from & 0xffff_ffffL;
        long end = to & 0xffff_ffffL;
        if (flags != 0 || end <= start || end > run.packet().size()) {
            return INVALID;
        }
        long data = run.packet().start();
        run.memory().putLong(msg + DATA, data + start);
        run.memory().putLong(msg + DATA_END, data + end);
        return 0;
    }

    private static long push(Run run, long msg, long at, long count, long flags, long r5) {
        long start = at & 0xffff_ffffL;
        long size = count & 0xffff_ffffL;
        if (flags != 0) {
            return INVALID;
        }
        if (size == 0) {
            return 0;
        }
        long length = run.packet().size();
        if (start > length) {
            return INVALID;
        }
        if (length + size > Run.PACKET_SPACE) {
            return Errno.ENOMEM.negative();
        }
        Memory memory = run.memory();
        long data = run.packet().start();
        memory.copy(data + start, data + start + size, length - start);
        memory.fill(data + start, size, (byte) 0);
        resize(run, msg, length + size);
        return 0;
    }

    private static long pop(Run run, long msg, long at, long count, long flags, long r5) {
        long start = at & 0xffff_ffffL;
        long size = count & 0xffff_ffffL;
        long length = run.packet().size();
        if (flags != 0) {
            return INVALID;
        }
        if (size == 0) {
            return 0;
        }
        if (start >= length || size > length - start) {
            return INVALID;
        }
        long data = run.packet().start();
        run.memory().copy(data + start + size, data + start, length - start - size);
        resize(run, msg, length - size);
        return 0;
    }

    private static void resize(Run run, long msg, long length) {
        long data = run.packet().start();
        run.packet().resize(data, data + length);
        run.memory().putLong(msg + DATA, data);
        run.memory().putLong(msg + DATA_END, data + length);
        run.memory().putInt(msg + SIZE, (int) length);
    }
}

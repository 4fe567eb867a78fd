package org.trufflebpf.helper;

import org.trufflebpf.map.UserRingbufMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.util.Map;

/** Helpers that call a function of the program. */
final class CallbackHelpers {
    private CallbackHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "loop",
                (run, count, function, context, flags, r5) ->
                        loop(run, (int) count, function, context, flags));
        all.put("for_each_map_elem", CallbackHelpers::forEach);
        all.put("user_ringbuf_drain", CallbackHelpers::drain);
    }

    private static long loop(Run run, int count, long function, long context, long flags) {
        if (flags != 0) {
            return Errno.EINVAL.negative();
        }
        long loops = Integer.toUnsignedLong(count);
        if (loops > Run.MAX_LOOPS) {
            // the kernel's verifier writes the loop in place of the call, with a 32-bit move of the
            // error
            return Errno.E2BIG.negative() & 0xffff_ffffL;
        }
        for (long i = 0; i < loops; i++) {
            if (run.call(function, i, context, 0, 0, 0) != 0) {
                return i + 1;
            }
        }
        return loops;
    }

    private static final long WAKEUP_FLAGS =
            MapFlags.BPF_RB_NO_WAKEUP | MapFlags.BPF_RB_FORCE_WAKEUP;

    /** Shows each record of user space to the callback, as a dynptr. */
    private static long drain(Run run, long map, long function, long context, long flags, long r5) {
        if ((flags & ~WAKEUP_FLAGS) != 0) {
            return Errno.EINVAL.negative();
        }
        UserRingbufMap ring = (UserRingbufMap) MapHelpers.map(run, map);
        long place = Scratch.take(run, 16);
        try {
            return ring.drain(
                    (record, length) -> {
                        new Dynptr(run, place).set(record, Dynptr.Type.LOCAL, length, false);
                        return run.call(function, place, context, 0, 0, 0);
                    });
        } finally {
            Scratch.give(run, place);
        }
    }

    private static long forEach(
            Run run, long map, long function, long context, long flags, long r5) {
        if (flags != 0) {
            return Errno.EINVAL.negative();
        }
        return MapHelpers.map(run, map)
                .forEach(
                        (key, value) -> run.call(function, map, key, value, context, 0), run.cpu());
    }
}

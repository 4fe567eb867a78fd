package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

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

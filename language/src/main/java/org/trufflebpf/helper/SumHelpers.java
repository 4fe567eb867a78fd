package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

import java.util.Map;

/** Helpers that compute from what is passed to them alone, or have one answer in every run. */
final class SumHelpers {
    private SumHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("csum_diff", SumHelpers::diff);
        // neither the task nor the socket of a test run is in a cgroup with a network class
        all.put("get_cgroup_classid", (run, context, r2, r3, r4, r5) -> 0);
    }

    private static long diff(Run run, long from, long fromSize, long to, long toSize, long seed) {
        Memory memory = run.memory();
        int sum = (int) seed;
        if (fromSize != 0 && toSize != 0) {
            sum =
                    Checksum.sub(
                            Checksum.partial(memory, to, toSize, sum),
                            Checksum.partial(memory, from, fromSize, 0));
        } else if (toSize != 0) {
            sum = Checksum.partial(memory, to, toSize, sum);
        } else if (fromSize != 0) {
            sum = ~Checksum.partial(memory, from, fromSize, ~sum);
        }
        return Checksum.to16(sum);
    }
}

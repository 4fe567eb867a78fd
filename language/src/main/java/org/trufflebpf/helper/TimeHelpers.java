package org.trufflebpf.helper;

import org.trufflebpf.runtime.Machine;

import java.util.Map;

/** Clocks and random numbers. With a fixed clock all clocks stand at its time. */
final class TimeHelpers {
    /** Nanoseconds of a tick at {@code CONFIG_HZ} 250, the kernel's usual choice. */
    private static final long TICK = 4_000_000;

    /** {@code INITIAL_JIFFIES}: the counter starts five minutes before its low half overflows. */
    private static final long FIRST_JIFFY = Integer.toUnsignedLong(-300 * 250);

    private TimeHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        HelperFunction boot = (run, r1, r2, r3, r4, r5) -> run.machine().bootNanos();
        all.put("ktime_get_ns", boot);
        all.put("ktime_get_boot_ns", boot);
        all.put("ktime_get_coarse_ns", (run, r1, r2, r3, r4, r5) -> coarse(run.machine()));
        all.put("ktime_get_tai_ns", (run, r1, r2, r3, r4, r5) -> run.machine().wallNanos());
        all.put(
                "jiffies64",
                (run, r1, r2, r3, r4, r5) -> FIRST_JIFFY + run.machine().bootNanos() / TICK);
        all.put("get_prandom_u32", (run, r1, r2, r3, r4, r5) -> run.machine().nextRandom() >>> 32);
    }

    /** The time of the last tick. */
    private static long coarse(Machine machine) {
        long now = machine.bootNanos();
        return machine.environment().clock() >= 0 ? now : now - Math.floorMod(now, TICK);
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.runtime.Machine;

import java.util.Map;

/** Clocks and random numbers. With a fixed clock all clocks stand at its time. */
final class TimeHelpers {
    private TimeHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        HelperFunction boot = (run, r1, r2, r3, r4, r5) -> run.machine().bootNanos();
        all.put("ktime_get_ns", boot);
        all.put("ktime_get_boot_ns", boot);
        all.put("ktime_get_coarse_ns", (run, r1, r2, r3, r4, r5) -> coarse(run.machine()));
        all.put("ktime_get_tai_ns", (run, r1, r2, r3, r4, r5) -> run.machine().wallNanos());
        all.put("jiffies64", (run, r1, r2, r3, r4, r5) -> jiffies(run.machine()));
        all.put("get_prandom_u32", (run, r1, r2, r3, r4, r5) -> run.machine().nextRandom() >>> 32);
    }

    /** Ticks of the kernel's timer, as the kernel counts them. */
    static long jiffies(Machine machine) {
        return firstJiffy(machine) + machine.bootNanos() / tick(machine);
    }

    /** Nanoseconds of a tick ({@code CONFIG_HZ}). */
    private static long tick(Machine machine) {
        return 1_000_000_000L / machine.world().spec().hertz();
    }

    /** {@code INITIAL_JIFFIES}: the counter starts five minutes before its low half overflows. */
    private static long firstJiffy(Machine machine) {
        return Integer.toUnsignedLong(-300 * machine.world().spec().hertz());
    }

    /** The time of the last tick. */
    private static long coarse(Machine machine) {
        long now = machine.bootNanos();
        return machine.environment().clock() >= 0 ? now : now - Math.floorMod(now, tick(machine));
    }
}

package org.trufflebpf.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The clock that programs read: the host's, or one that stands still. Either can be moved forward,
 * which is when timers expire ({@link Timers#advance}).
 */
public final class Clock {
    private final long fixed;
    private final AtomicLong advanced = new AtomicLong();

    /** A clock that stands at {@code fixed} nanoseconds since boot, or the host's for -1. */
    Clock(long fixed) {
        this.fixed = fixed;
    }

    /** Nanoseconds since boot. */
    public long bootNanos() {
        return (fixed >= 0 ? fixed : System.nanoTime()) + advanced.get();
    }

    /** Nanoseconds since 1970. */
    public long wallNanos() {
        return (fixed >= 0 ? fixed : System.currentTimeMillis() * 1_000_000) + advanced.get();
    }

    /** Moves the clock forward to a time since boot, never back. */
    void moveTo(long nanos) {
        long step = nanos - bootNanos();
        if (step > 0) {
            advanced.addAndGet(step);
        }
    }
}

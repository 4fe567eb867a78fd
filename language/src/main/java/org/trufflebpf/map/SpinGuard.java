package org.trufflebpf.map;

import java.util.concurrent.atomic.AtomicInteger;

/** A lock for a few instructions' work on a map's lists; not reentrant. */
final class SpinGuard extends AtomicInteger {
    private static final long serialVersionUID = 1L;

    void lock() {
        int spins = 0;
        while (!compareAndSet(0, 1)) {
            SpinLock.pause(spins++);
        }
    }

    boolean tryLock() {
        return compareAndSet(0, 1);
    }

    void unlock() {
        setRelease(0);
    }
}

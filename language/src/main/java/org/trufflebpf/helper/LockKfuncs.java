package org.trufflebpf.helper;

import org.trufflebpf.map.SpinLock;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * Resilient spin locks: taking one that the run holds already, or waiting too long, is an error and
 * no fault.
 */
final class LockKfuncs {
    /** {@code RES_DEF_TIMEOUT}: a quarter of a second. */
    private static final long TIMEOUT_NANOS = 250_000_000;

    private LockKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("res_spin_lock", (run, lock, r2, r3, r4, r5) -> lock(run, lock));
        all.put("res_spin_unlock", (run, lock, r2, r3, r4, r5) -> unlock(run, lock));
        all.put(
                "res_spin_lock_irqsave",
                (run, lock, flags, r3, r4, r5) -> {
                    run.memory().putLong(flags, 0);
                    return lock(run, lock);
                });
        all.put("res_spin_unlock_irqrestore", (run, lock, flags, r3, r4, r5) -> unlock(run, lock));
    }

    private static long lock(Run run, long lock) {
        run.memory().check(lock, 4, true);
        if (SpinLock.isHeld(run.memory(), lock)) {
            return Errno.EDEADLK.negative();
        }
        if (!SpinLock.tryLock(run.memory(), lock, TIMEOUT_NANOS)) {
            return Errno.ETIMEDOUT.negative();
        }
        run.resilientLocks().add(lock);
        return 0;
    }

    private static long unlock(Run run, long lock) {
        run.memory().check(lock, 4, true);
        SpinLock.unlock(run.memory(), lock);
        run.resilientLocks().remove(lock);
        return 0;
    }
}

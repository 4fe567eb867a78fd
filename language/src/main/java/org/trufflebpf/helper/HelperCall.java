package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;

/**
 * Calls a helper with arguments held to their kinds first. Verified programs need no such check and
 * call {@link HelperRow#function()} at once.
 */
public final class HelperCall {
    private HelperCall() {}

    /**
     * Checks the arguments and calls.
     *
     * @return r0
     * @throws org.trufflebpf.failure.BpfException TRAP that names helper, argument and what was
     *     expected
     */
    public static long call(Run run, HelperRow row, long r1, long r2, long r3, long r4, long r5) {
        ArgumentCheck.check(run, row, r1, r2, r3, r4, r5);
        return row.function().call(run, r1, r2, r3, r4, r5);
    }
}

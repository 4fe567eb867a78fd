package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;

/**
 * The implementation of a helper: arguments r1 to r5, checked against the row's kinds; the result
 * is r0.
 */
@FunctionalInterface
public interface HelperFunction {
    long call(Run run, long r1, long r2, long r3, long r4, long r5);
}

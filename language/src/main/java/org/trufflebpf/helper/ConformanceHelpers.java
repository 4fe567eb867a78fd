package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.uapi.ProgramType;

import java.util.Collections;
import java.util.Set;

/**
 * The helpers that programs of the bpf_conformance suite may call, in place of the kernel's: number
 * 5, which returns its first argument.
 */
public final class ConformanceHelpers {
    private static final HelperRow IDENTITY =
            new HelperRow(
                    5,
                    "identity",
                    Collections.nCopies(5, HelperArg.parse("ANYTHING")),
                    HelperReturn.parse("INTEGER"),
                    Set.of(),
                    Set.of(ProgramType.values()),
                    HelperRow.State.FUNCTION,
                    (run, r1, r2, r3, r4, r5) -> r1);

    private ConformanceHelpers() {}

    /**
     * The row of a helper.
     *
     * @throws BpfException UNSUPPORTED for any other number
     */
    public static HelperRow require(int number) {
        if (number != IDENTITY.number()) {
            throw BpfException.unsupported(
                    Where.UNKNOWN, "the conformance suite has no helper " + number);
        }
        return IDENTITY;
    }
}

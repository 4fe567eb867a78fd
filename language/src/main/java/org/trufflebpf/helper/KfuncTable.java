package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.uapi.ProgramType;

/** Kernel functions that programs may call by BTF id; there are none yet. */
public final class KfuncTable {
    private KfuncTable() {}

    /** Whether a kernel function exists here. */
    public static boolean isKnown(String name) {
        return false;
    }

    /**
     * The row of a kernel function.
     *
     * @throws BpfException UNSUPPORTED if it is not implemented
     */
    public static HelperRow require(String name, ProgramType type) {
        throw BpfException.unsupported(Where.UNKNOWN, "the kernel function " + name + " is not supported");
    }
}

package org.trufflebpf.context;

import org.trufflebpf.object.Architecture;
import org.trufflebpf.runtime.Run;

/**
 * Single registers of the machine that a run's object was compiled for, in the structure that
 * probes have as their context.
 */
public final class MachineRegisters {
    private MachineRegisters() {}

    /** The register at an offset of the structure. */
    public static long get(Run run, long registers, int offset) {
        return isShort(run)
                ? Integer.toUnsignedLong(run.memory().getInt(registers + offset))
                : run.memory().getLong(registers + offset);
    }

    /** Sets the register at an offset of the structure. */
    public static void put(Run run, long registers, int offset, long value) {
        if (isShort(run)) {
            run.memory().putInt(registers + offset, (int) value);
        } else {
            run.memory().putLong(registers + offset, value);
        }
    }

    private static boolean isShort(Run run) {
        Architecture architecture = run.instance().architecture();
        return architecture.word() == Integer.BYTES;
    }
}

package org.trufflebpf.nodes;

import org.trufflebpf.insn.Insn;

/** Hears of each instruction of a program that was built with it, after the instruction ran. */
@FunctionalInterface
public interface InsnListener {
    /**
     * Hears of one instruction.
     *
     * @param before the registers before the instruction, which the listener must not change
     * @param after the registers behind it, likewise
     * @param outcome whether a branch was taken, {@code null} for other instructions
     */
    void executed(ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome);
}

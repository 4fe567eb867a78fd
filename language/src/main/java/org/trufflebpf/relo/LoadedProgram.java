package org.trufflebpf.relo;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.ProgramSpec;

import java.util.List;
import java.util.Map;

/**
 * A program whose instructions are final.
 *
 * @param spec what it was loaded from
 * @param insns the patched instructions, one for one those of the specification
 * @param poison messages of instructions that could not be relocated, by index; each fails if it is
 *     reached
 * @param kfuncs names of the kernel functions that {@code CALL_KFUNC} instructions call, by index
 */
public record LoadedProgram(
        ProgramSpec spec,
        List<Insn> insns,
        Map<Integer, String> poison,
        Map<Integer, String> kfuncs) {
    public LoadedProgram {
        insns = List.copyOf(insns);
        poison = Map.copyOf(poison);
        kfuncs = Map.copyOf(kfuncs);
    }

    /** The same instructions, of a program of another type. */
    public LoadedProgram as(ProgramSpec other) {
        return new LoadedProgram(other, insns, poison, kfuncs);
    }
}

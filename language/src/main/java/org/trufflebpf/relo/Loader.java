package org.trufflebpf.relo;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.CoreRelo;
import org.trufflebpf.object.ExternRef;
import org.trufflebpf.object.LineInfo;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes the instructions of a program final for a target.
 *
 * <ul>
 *   <li>CO-RE: the instruction is patched, or poisoned if the target has no such type, field or
 *       enumerator. A record that does not fit its instruction or types, or that is ambiguous,
 *       refuses the program.
 *   <li>Call of a {@code __ksym} function: {@code CALL_KFUNC} with the target's BTF id (0 if it has
 *       none) as immediate, its name without flavor in {@link LoadedProgram#kfuncs()}. A weak one
 *       that is not known is poisoned.
 *   <li>Address of a {@code __ksym} function or typed variable: lddw with src 3 ({@code
 *       BPF_PSEUDO_BTF_ID}) and the target's BTF id; not 0, whatever the id. Not known: 0 if weak,
 *       else poisoned.
 *   <li>Untyped {@code __ksym} variables are addresses of kernel memory, which there is none of: 0
 *       if weak, else poisoned.
 * </ul>
 */
public final class Loader {
    private Loader() {}

    /**
     * As {@link #load(ObjectSpec, ProgramSpec, TargetBtf, Predicate)}; the kernel functions are
     * those of the target.
     */
    public static LoadedProgram load(ObjectSpec object, ProgramSpec program, TargetBtf target) {
        return load(object, program, target, null);
    }

    /**
     * Loads a program.
     *
     * @param target read only if a record of this program needs it
     * @param kfuncs which kernel functions exist, by name; {@code null}: those that the target has
     * @throws BpfException if the program cannot be loaded into this target, reached or not
     */
    public static LoadedProgram load(
            ObjectSpec object, ProgramSpec program, TargetBtf target, Predicate<String> kfuncs) {
        List<Insn> insns = new ArrayList<>(program.insns());
        Map<Integer, String> poison = new HashMap<>();
        Map<Integer, String> names = new HashMap<>();
        if (program.coreRelos().isEmpty() && program.externs().isEmpty()) {
            return new LoadedProgram(program, insns, poison, names);
        }
        Where where = new Where(object.name(), program.section(), program.name(), -1, null);
        try {
            relocate(object, program, target, kfuncs, where, insns, poison, names);
        } catch (BpfException e) {
            throw e.within(where);
        }
        return new LoadedProgram(program, insns, poison, names);
    }

    private static void relocate(
            ObjectSpec object,
            ProgramSpec program,
            TargetBtf target,
            Predicate<String> kfuncs,
            Where where,
            List<Insn> insns,
            Map<Integer, String> poison,
            Map<Integer, String> names) {
        Map<Integer, Integer> positions = new HashMap<>();
        for (int i = 0; i < insns.size(); i++) {
            positions.put(insns.get(i).index(), i);
        }
        CoreRelocator core = new CoreRelocator(object.btf(), target);
        int number = 0;
        for (CoreRelo relo : program.coreRelos()) {
            Where place = place(where, program, relo.insn());
            Integer at = positions.get(relo.insn());
            if (at == null) {
                throw BpfException.malformed(
                        place, "CO-RE record for the second half of an instruction");
            }
            CoreRelocator.Outcome outcome = core.relocate(insns.get(at), relo, number++, place);
            insns.set(at, outcome.insn());
            if (outcome.poison() != null) {
                poison.put(relo.insn(), outcome.poison());
            }
        }
        KsymBinder ksyms = new KsymBinder(object.btf(), target, kfuncs);
        for (ExternRef extern : program.externs()) {
            int at = positions.get(extern.insn());
            KsymBinder.Outcome outcome =
                    ksyms.bind(insns.get(at), extern, place(where, program, extern.insn()));
            insns.set(at, outcome.insn());
            if (outcome.poison() != null) {
                poison.put(extern.insn(), outcome.poison());
            }
            if (outcome.kfunc() != null) {
                names.put(extern.insn(), outcome.kfunc());
            }
        }
    }

    private static Where place(Where where, ProgramSpec program, int insn) {
        LineInfo line = program.line(insn);
        return where.at(insn, line == null ? null : line.describe());
    }
}

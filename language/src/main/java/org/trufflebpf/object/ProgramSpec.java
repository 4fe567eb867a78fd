package org.trufflebpf.object;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.ProgramType;

import java.util.List;

/**
 * A program linked as libbpf links it: the entry function, then every subprogram it reaches, in one
 * stream of instructions. Calls between them are {@code CALL_SUBPROG} with a relative immediate;
 * function addresses are lddw with src 4 (relative slot distance to the function, as {@code
 * BPF_PSEUDO_FUNC}); map references are lddw with src 1 (immediate: index in {@link
 * ObjectSpec#maps()}) or src 2 (the same, the second immediate being the offset in the value).
 * References to the environment are in {@link #externs()}, CO-RE records in {@link #coreRelos()}.
 *
 * @param name the entry function's name
 * @param section the ELF section, such as {@code xdp} or {@code tc/ingress}
 * @param type the program type, {@code UNSPEC} where the section's name does not say
 * @param attachType number of the expected attach type ({@code enum bpf_attach_type}), or -1
 * @param attachTarget what follows the slash in the section's name ({@code sched/sched_switch}), or
 *     {@code null}
 * @param sleepable {@code BPF_F_SLEEPABLE}
 * @param fragments {@code BPF_F_XDP_HAS_FRAGS}
 * @param autoload false for sections that start with {@code ?}
 * @param insns all instructions; the index of each counts slots
 * @param subprogs the functions in the stream in order, the entry first
 * @param lines line info sorted by instruction, empty without {@code .BTF.ext}
 * @param coreRelos CO-RE records sorted by instruction
 * @param externs references to the environment sorted by instruction
 */
public record ProgramSpec(
        String name,
        String section,
        ProgramType type,
        int attachType,
        String attachTarget,
        boolean sleepable,
        boolean fragments,
        boolean autoload,
        List<Insn> insns,
        List<SubprogSpec> subprogs,
        List<LineInfo> lines,
        List<CoreRelo> coreRelos,
        List<ExternRef> externs) {
    public ProgramSpec {
        insns = List.copyOf(insns);
        subprogs = List.copyOf(subprogs);
        lines = List.copyOf(lines);
        coreRelos = List.copyOf(coreRelos);
        externs = List.copyOf(externs);
    }

    /** The same program as another type. */
    public ProgramSpec withType(ProgramType newType, int newAttachType) {
        return new ProgramSpec(
                name,
                section,
                newType,
                newAttachType,
                attachTarget,
                sleepable,
                fragments,
                autoload,
                insns,
                subprogs,
                lines,
                coreRelos,
                externs);
    }

    /** The line that an instruction comes from, or {@code null}. */
    public LineInfo line(int insn) {
        LineInfo found = null;
        for (LineInfo line : lines) {
            if (line.insn() > insn) {
                break;
            }
            found = line;
        }
        return found;
    }

    /** The function that an instruction belongs to. */
    public SubprogSpec subprog(int insn) {
        for (SubprogSpec subprog : subprogs) {
            if (insn >= subprog.start() && insn < subprog.end()) {
                return subprog;
            }
        }
        return subprogs.getFirst();
    }
}

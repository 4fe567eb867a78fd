package org.trufflebpf.interop;

import org.trufflebpf.cfg.ControlFlow;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Listing;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.LineInfo;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;

import java.util.HashMap;
import java.util.Map;

/**
 * The listing of a program as {@code llvm-objdump -d} (or {@code -S}) prints it, with names of what
 * it refers to.
 */
final class ProgramText {
    private final ObjectSpec object;
    private final ProgramSpec program;

    ProgramText(ObjectSpec object, ProgramSpec program) {
        this.object = object;
        this.program = program;
    }

    String listing(boolean withSource) {
        Map<Integer, String> symbols = new HashMap<>();
        for (SubprogSpec subprog : program.subprogs()) {
            symbols.put(subprog.start(), subprog.name());
        }
        Map<Integer, String> lines = new HashMap<>();
        for (LineInfo line : program.lines()) {
            if (!line.line().isBlank()) {
                lines.put(line.insn(), line.line().strip());
            }
        }
        Listing listing =
                Listing.of(program.insns())
                        .withLabels(symbols::get)
                        .withNames(insn -> name(insn, symbols))
                        .withOrder(object.order());
        if (withSource) {
            listing = listing.withSource(lines::get);
        }
        return Listing.sectionHead(program.section() == null ? program.name() : program.section())
                + listing.text();
    }

    /** The helper, map or function that an instruction refers to, or {@code null}. */
    private String name(Insn insn, Map<Integer, String> symbols) {
        if (insn.opcode().kind() == Kind.CALL_HELPER) {
            HelperRow helper = HelperTable.row(insn.imm());
            return helper == null ? null : "bpf_" + helper.name();
        }
        if (insn.opcode().kind() == Kind.CALL_SUBPROG || ControlFlow.isFunctionAddress(insn)) {
            return symbols.get(ControlFlow.callTarget(insn));
        }
        if (insn.opcode().kind() == Kind.LDDW
                && (insn.src() == 1 || insn.src() == 2)
                && insn.imm() >= 0
                && insn.imm() < object.maps().size()) {
            String map = object.maps().get(insn.imm()).name();
            return insn.src() == 1 ? "map " + map : "map " + map + "[0]+" + insn.nextImm();
        }
        return null;
    }
}

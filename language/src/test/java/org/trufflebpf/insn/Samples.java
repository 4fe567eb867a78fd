package org.trufflebpf.insn;

import java.util.ArrayList;
import java.util.List;

/**
 * For every row of the opcode table a few instructions with field values at the edges, in table
 * order. All are valid; the indices count through.
 */
final class Samples {
    private static final int[] IMMEDIATES = {0, 1, -1, 10, 0x7fff_ffff, 0x8000_0000, -2};
    private static final int[] SHIFTS = {0, 1, 31, 63};
    private static final int[] OFFSETS = {0, 1, -1, 0x7fff, -0x8000, 8, -16};

    private Samples() {}

    static List<Insn> all() {
        List<Insn> out = new ArrayList<>();
        int index = 0;
        for (Opcode row : Opcode.values()) {
            for (Insn insn : of(row)) {
                out.add(insn.at(index));
                index += insn.slots();
            }
        }
        return out;
    }

    /** Valid instructions of one row, at index 0. */
    static List<Insn> of(Opcode row) {
        List<Insn> out = new ArrayList<>();
        for (int i = 0; i < IMMEDIATES.length; i++) {
            int dst = row.uses(Opcode.Field.DST) ? (i * 3) % 10 : 0;
            int src = row.uses(Opcode.Field.SRC) ? (i * 3 + 1) % 10 : 0;
            int off = row.uses(Opcode.Field.OFF) ? OFFSETS[i] : 0;
            int imm = row.uses(Opcode.Field.IMM) ? immediate(row, i) : 0;
            Insn insn = Insn.of(row, dst, src, off, imm);
            if (row.kind() == Opcode.Kind.LDDW) {
                // sources 1, 4 and 5 leave no room for a second immediate
                int next = i == 1 || i == 4 || i == 5 ? 0 : IMMEDIATES[(i + 1) % IMMEDIATES.length];
                insn = new Insn(0, row, dst, i, 0, imm, next);
            }
            if (!out.contains(insn)) {
                out.add(insn);
            }
        }
        if (row.kind() == Opcode.Kind.LDDW) {
            out.add(new Insn(0, row, 7, 0, 0, -1, -1));
            out.add(new Insn(0, row, 8, 0, 0, 0, Integer.MIN_VALUE));
            out.add(new Insn(0, row, 9, 0, 0, -1, 0));
        }
        if (row.kind() == Opcode.Kind.CALLX) {
            out.add(new Insn(0, row, 3, 0, 0, 3, 0));
        }
        return out;
    }

    private static int immediate(Opcode row, int i) {
        if (row.operation() instanceof Opcode.Alu alu) {
            switch (alu) {
                case LSH, RSH, ARSH -> {
                    return SHIFTS[i % SHIFTS.length] % row.bits();
                }
                case DIV, SDIV, MOD, SMOD -> {
                    return IMMEDIATES[i] == 0 ? 7 : IMMEDIATES[i];
                }
                default -> {}
            }
        }
        return IMMEDIATES[i];
    }
}

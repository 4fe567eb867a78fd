package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Operand;

/**
 * Which registers may be read before they are written, from each instruction on: a backward data
 * flow over each function (kernel: {@code compute_live_registers}). What is not live is not
 * compared when states are.
 */
final class RegLiveness {
    private static final int CALLER_SAVED = 0x3f;
    private static final int ARGUMENTS = 0x3e;
    private static final int R0 = 1;

    private final Layout layout;

    RegLiveness(Layout layout) {
        this.layout = layout;
    }

    void run() {
        int[] live = layout.liveRegs;
        for (Layout.Subprog subprog : layout.subprogs) {
            boolean changed = true;
            while (changed) {
                changed = false;
                for (int i = subprog.end - 1; i >= subprog.start; i--) {
                    Insn insn = layout.code[i];
                    if (insn == null) {
                        continue;
                    }
                    int out = 0;
                    for (Insn next : layout.successors(insn)) {
                        out |= live[next.index()];
                    }
                    int in = (out & ~defined(insn)) | used(insn);
                    if (in != live[i]) {
                        live[i] = in;
                        changed = true;
                    }
                }
            }
        }
    }

    private static int used(Insn insn) {
        int dst = 1 << insn.dst();
        int src = insn.opcode().operand() == Operand.REG ? 1 << insn.src() : 0;
        return switch (insn.opcode().kind()) {
            case ALU -> {
                boolean moves =
                        switch ((Alu) insn.opcode().operation()) {
                            case MOV, MOVSX8, MOVSX16, MOVSX32 -> true;
                            default -> false;
                        };
                yield moves ? src : src | dst;
            }
            case ADDR_SPACE_CAST -> src;
            case JCC -> dst | src;
            case LDX, LDSX, LOAD_ACQUIRE -> src;
            case ST -> dst;
            case STX, STORE_RELEASE -> dst | src;
            case ATOMIC -> insn.opcode().operation() == Atomic.CMPXCHG ? dst | src | R0 : dst | src;
            case CALL_SUBPROG, CALL_HELPER, CALL_KFUNC -> ARGUMENTS;
            case CALLX -> ARGUMENTS | dst;
            case EXIT -> R0;
            case LD_ABS -> 1 << 6;
            case LD_IND -> 1 << 6 | src;
            case JA, JA32, MAY_GOTO, LDDW -> 0;
        };
    }

    private static int defined(Insn insn) {
        int dst = 1 << insn.dst();
        return switch (insn.opcode().kind()) {
            case ALU, ADDR_SPACE_CAST, LDX, LDSX, LOAD_ACQUIRE, LDDW -> dst;
            case CALL_SUBPROG, CALL_HELPER, CALL_KFUNC, CALLX, LD_ABS, LD_IND -> CALLER_SAVED;
            case ATOMIC ->
                    switch ((Atomic) insn.opcode().operation()) {
                        case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> 1 << insn.src();
                        case CMPXCHG -> R0;
                        default -> 0;
                    };
            default -> 0;
        };
    }
}

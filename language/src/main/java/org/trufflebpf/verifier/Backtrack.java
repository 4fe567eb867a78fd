package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;

import java.util.Arrays;

/**
 * The registers and stack slots that a way back looks for, and what becomes of them at an
 * instruction: it is left for what it was made of. Kernel: {@code backtrack_state}.
 */
final class Backtrack {
    private static final int ARGUMENTS = 0x3e;

    /** By frame, a bit for each register. */
    final int[] regs = new int[State.MAX_FRAMES];

    /** By frame, a bit for each spilled scalar. */
    final long[] slots = new long[State.MAX_FRAMES];

    /** The frame that the way is in. */
    int frame;

    private final Env env;

    Backtrack(Env env) {
        this.env = env;
    }

    /** Looks for nothing, from an instruction of a frame. */
    void reset(int current) {
        frame = current;
        Arrays.fill(regs, 0);
        Arrays.fill(slots, 0);
    }

    boolean isEmpty() {
        for (int i = 0; i < State.MAX_FRAMES; i++) {
            if (regs[i] != 0 || slots[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean has(int reg) {
        return (regs[frame] & 1 << reg) != 0;
    }

    private void want(int reg) {
        if (reg != Frame.FP) {
            regs[frame] |= 1 << reg;
        }
    }

    private void found(int reg) {
        regs[frame] &= ~(1 << reg);
    }

    /** If one of a set of linked scalars is looked for, all are. */
    private void syncLinked(HistoryEntry entry) {
        if (entry == null || entry.linked == null) {
            return;
        }
        boolean any = false;
        for (int link : entry.linked) {
            int f = link >>> 16;
            int index = link & 0x7fff;
            any |=
                    (link & 0x8000) != 0
                            ? (slots[f] & 1L << index) != 0
                            : (regs[f] & 1 << index) != 0;
        }
        if (!any) {
            return;
        }
        for (int link : entry.linked) {
            int f = link >>> 16;
            int index = link & 0x7fff;
            if ((link & 0x8000) != 0) {
                slots[f] |= 1L << index;
            } else {
                regs[f] |= 1 << index;
            }
        }
    }

    /**
     * Goes back over one instruction (kernel: {@code backtrack_insn}).
     *
     * @param later the instruction that was executed after it, or -1
     * @return false where the way is lost
     */
    boolean back(int at, int later, HistoryEntry entry) {
        Insn insn = env.code[at];
        if (insn == null) {
            return true;
        }
        syncLinked(entry);
        int dst = insn.dst();
        int src = insn.src();
        switch (insn.opcode().kind()) {
            case ALU -> backAlu(insn, dst, src);
            case ADDR_SPACE_CAST -> found(dst);
            case LDX, LDSX, LOAD_ACQUIRE -> backLoad(dst, entry);
            case ATOMIC -> {
                switch ((Atomic) insn.opcode().operation()) {
                    case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> {
                        if (has(src)) {
                            backLoad(src, entry);
                        } else {
                            return backStore(dst, src, true, entry);
                        }
                    }
                    case CMPXCHG -> {
                        if (has(0)) {
                            backLoad(0, entry);
                        } else {
                            return backStore(dst, src, true, entry);
                        }
                    }
                    default -> {
                        return backStore(dst, src, true, entry);
                    }
                }
            }
            case ST -> {
                return backStore(dst, src, false, entry);
            }
            case STX, STORE_RELEASE -> {
                return backStore(dst, src, true, entry);
            }
            case CALL_SUBPROG -> {
                return backSubprogCall(at, later);
            }
            case CALL_HELPER, CALL_KFUNC -> {
                if (env.layout.callsCallback.get(at) && later != at + 1) {
                    return leaveCallback();
                }
                found(0);
                if ((regs[frame] & ARGUMENTS) != 0) {
                    return false;
                }
            }
            case CALLX -> {
                return false;
            }
            case EXIT -> {
                return backExit(later);
            }
            case JCC -> {
                if (insn.opcode().operand() == Operand.REG && (has(dst) || has(src))) {
                    if (entry == null || !entry.srcIsStack) {
                        want(src);
                    }
                    if (entry == null || !entry.dstIsStack) {
                        want(dst);
                    }
                }
            }
            case LDDW -> found(dst);
            case LD_ABS, LD_IND -> {
                if (has(0)) {
                    return false;
                }
            }
            case JA, JA32, MAY_GOTO -> {}
        }
        syncLinked(entry);
        return true;
    }

    private void backAlu(Insn insn, int dst, int src) {
        if (!has(dst)) {
            return;
        }
        boolean fromReg = insn.opcode().operand() == Operand.REG;
        switch ((Alu) insn.opcode().operation()) {
            case NEG, LE, BE, BSWAP -> {}
            case MOV, MOVSX8, MOVSX16, MOVSX32 -> {
                found(dst);
                if (fromReg) {
                    want(src);
                }
            }
            default -> {
                if (fromReg) {
                    want(src);
                }
            }
        }
    }

    private void backLoad(int dst, HistoryEntry entry) {
        if (!has(dst)) {
            return;
        }
        found(dst);
        if (entry != null && entry.stackAccess) {
            slots[entry.frame] |= 1L << entry.slot;
        }
    }

    private boolean backStore(int dst, int src, boolean fromReg, HistoryEntry entry) {
        if (has(dst)) {
            return false;
        }
        if (entry == null || !entry.stackAccess || (slots[entry.frame] & 1L << entry.slot) == 0) {
            return true;
        }
        slots[entry.frame] &= ~(1L << entry.slot);
        if (fromReg) {
            want(src);
        }
        return true;
    }

    private boolean backSubprogCall(int at, int later) {
        Layout.Subprog callee = env.layout.at(Layout.callTarget(env.code[at]));
        if (callee.global) {
            found(0);
            return (regs[frame] & ARGUMENTS) == 0;
        }
        if (later == at + 1) {
            return false;
        }
        // the callee is left at its entry: only arguments may still be looked for
        if (frame == 0 || (regs[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
            return false;
        }
        int arguments = regs[frame];
        regs[frame] = 0;
        frame--;
        regs[frame] |= arguments;
        return true;
    }

    private boolean leaveCallback() {
        if (frame == 0 || (regs[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
            return false;
        }
        regs[frame] = 0;
        frame--;
        return true;
    }

    private boolean backExit(int later) {
        if (later >= 0 && env.layout.callsCallback.get(later)) {
            regs[frame] &= ~ARGUMENTS;
        }
        if ((regs[frame] & ARGUMENTS) != 0) {
            return false;
        }
        boolean result =
                later > 0
                        && env.code[later - 1] != null
                        && env.code[later - 1].opcode().kind() == Kind.CALL_SUBPROG
                        && has(0);
        found(0);
        if (frame + 1 >= State.MAX_FRAMES) {
            return false;
        }
        frame++;
        if (result) {
            want(0);
        }
        return true;
    }
}

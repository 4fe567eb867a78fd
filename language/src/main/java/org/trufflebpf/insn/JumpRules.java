package org.trufflebpf.insn;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.util.BitSet;
import java.util.List;

/**
 * Where control must not go (RFC 9669 section 4.3): a jump stays in its subprogram and meets the
 * first slot of an instruction, and the last instruction does not fall off the end. Calls have a
 * check of their own, because their targets are known only when a program is linked.
 */
public final class JumpRules {
    /**
     * {@code BPF_PSEUDO_FUNC} of uapi/linux/bpf.h: the immediate of a lddw is the distance to a
     * function.
     */
    private static final int PSEUDO_FUNC = 4;

    private JumpRules() {}

    /**
     * Checks one subprogram. Its first instruction may have any index; jumps are relative.
     *
     * @throws BpfException MALFORMED for a jump that meets no instruction, REJECTED for an end that
     *     is not one
     */
    public static void check(List<Insn> insns, Where where) {
        if (insns.isEmpty()) {
            throw BpfException.malformed(
                    where, "the program has no instructions, expected at least an exit");
        }
        int start = insns.getFirst().index();
        int end = insns.getLast().next();
        BitSet starts = new BitSet(end - start);
        for (Insn insn : insns) {
            starts.set(insn.index() - start);
        }
        for (Insn insn : insns) {
            if (jumps(insn)) {
                checkTarget(insn, start, end, starts, where);
            }
        }
        Insn last = insns.getLast();
        switch (last.opcode().kind()) {
            case EXIT, JA, JA32 -> {}
            default ->
                    throw BpfException.rejected(
                            where.at(last.index(), where.source()),
                            "last insn is not an exit or jmp: it is "
                                    + last
                                    + ", and control would leave the program");
        }
    }

    /**
     * Checks the calls of subprograms and the addresses of functions in a linked program, which
     * begins at index 0.
     *
     * @throws BpfException MALFORMED for a target that is no instruction
     */
    public static void checkCalls(List<Insn> insns, Where where) {
        BitSet starts = new BitSet();
        for (Insn insn : insns) {
            starts.set(insn.index());
        }
        for (Insn insn : insns) {
            Opcode.Kind kind = insn.opcode().kind();
            boolean function = kind == Opcode.Kind.LDDW && insn.src() == PSEUDO_FUNC;
            // the kernel counts both from the slot behind the first
            long target = insn.index() + 1L + insn.imm();
            boolean valid = target >= 0 && target < starts.length() && starts.get((int) target);
            if ((function || kind == Opcode.Kind.CALL_SUBPROG) && !valid) {
                throw BpfException.malformed(
                        where.at(insn.index(), where.source()),
                        "call to invalid destination: "
                                + insn
                                + " goes to insn "
                                + target
                                + ", expected an instruction of the program");
            }
        }
    }

    private static boolean jumps(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JA, JA32, JCC, MAY_GOTO -> true;
            default -> false;
        };
    }

    private static void checkTarget(Insn insn, int start, int end, BitSet starts, Where where) {
        // the sum of an index and a 32-bit offset may leave the range of int
        long distance = insn.opcode().kind() == Opcode.Kind.JA32 ? insn.imm() : insn.off();
        long target = insn.next() + distance;
        Where here = where.at(insn.index(), where.source());
        if (target < start || target >= end) {
            throw BpfException.malformed(
                    here,
                    "jump out of range from insn "
                            + insn.index()
                            + " to "
                            + target
                            + ": "
                            + insn
                            + ", expected "
                            + start
                            + " to "
                            + (end - 1));
        }
        if (!starts.get((int) target - start)) {
            throw BpfException.malformed(
                    here,
                    "jump into the middle of ldimm64 insn "
                            + (target - 1)
                            + ": "
                            + insn
                            + ", expected the first slot of an instruction");
        }
    }
}

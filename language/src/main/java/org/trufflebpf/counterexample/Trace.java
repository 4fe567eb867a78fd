package org.trufflebpf.counterexample;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.nodes.ProgramCode;
import org.trufflebpf.runtime.Machine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one run went by: the branches it took, what it compared, which keys it looked up. */
final class Trace implements InsnListener {
    /**
     * A run that takes more instructions is given up: it shows nothing that a shorter one hides.
     */
    private static final int MAX_INSNS = 200_000;

    private static final int MAX_COMPARISONS = 256;
    private static final int MAX_LOOKUPS = 16;
    private static final int LOOKUP = 1;

    /** Two values that were compared. */
    record Comparison(long left, long right) {}

    /** A key that was looked up. */
    @SuppressWarnings("ArrayRecordComponent")
    record Lookup(BpfMap map, byte[] key) {}

    private final Machine machine;
    private final int target;
    private final InsnListener next;
    private Set<Integer> branches = new HashSet<>();
    private List<Comparison> comparisons = new ArrayList<>();
    private List<Lookup> lookups = new ArrayList<>();
    private int insns;

    /**
     * @param target index of the refused instruction, or -1
     * @param next hears of each instruction too, {@code null} for nobody
     */
    Trace(Machine machine, int target, InsnListener next) {
        this.machine = machine;
        this.target = target;
        this.next = next;
    }

    /** What the mutator needs of the run, kept while the next one begins. */
    record Observed(List<Comparison> comparisons, List<Lookup> lookups) {}

    Observed observed() {
        return new Observed(comparisons, lookups);
    }

    /** Forgets the run before. */
    void begin() {
        branches = new HashSet<>();
        comparisons = new ArrayList<>();
        lookups = new ArrayList<>();
        insns = 0;
    }

    @Override
    public void executed(
            ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome) {
        if (++insns > MAX_INSNS) {
            throw BpfException.limit(Where.UNKNOWN, "the run was given up");
        }
        if (next != null) {
            next.executed(code, insn, before, after, outcome);
        }
        int at = insn.index();
        if (at == target) {
            branches.add(-1);
        }
        if (outcome != null) {
            branches.add((at << 1) | (outcome ? 1 : 0));
            if (insn.opcode().kind() == Kind.JCC && comparisons.size() < MAX_COMPARISONS) {
                comparisons.add(comparison(insn, before));
            }
        } else if (insn.opcode().kind() == Kind.CALL_HELPER
                && insn.imm() == LOOKUP
                && lookups.size() < MAX_LOOKUPS
                && machine.handles().get(before[1]) instanceof BpfMap map
                && machine.memory().isAccessible(before[2], map.keySize(), false)) {
            lookups.add(new Lookup(map, machine.memory().read(before[2], map.keySize())));
        }
    }

    private static Comparison comparison(Insn insn, long[] before) {
        long left = before[insn.dst()];
        long right =
                insn.opcode().operand() == Operand.REG ? before[insn.src()] : (long) insn.imm();
        return insn.opcode().bits() == 32
                ? new Comparison(left & 0xffff_ffffL, right & 0xffff_ffffL)
                : new Comparison(left, right);
    }

    /** The branches that were taken, and -1 where the refused instruction ran through. */
    Set<Integer> branches() {
        return branches;
    }
}

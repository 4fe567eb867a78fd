package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.nodes.ProgramCode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the verifier computed for the registers at each instruction, on all paths; it listens to a
 * run and throws when the registers are in none of the states of their instruction.
 */
final class Ranges implements InsnListener {
    private static final int REGISTERS = 10;

    /** States of one program that are kept; more would only cost memory. */
    private static final int MAX_STATES = 40_000;

    private final Map<Integer, List<Scalar[]>> states;

    private Ranges(Map<Integer, List<Scalar[]>> states) {
        this.states = states;
    }

    /** The ranges of an accepted program; {@code null} where it has too many paths. */
    static Ranges of(VerifierInput input) {
        return of(input, MAX_STATES);
    }

    /** As {@link #of(VerifierInput)}, where {@code maxStates} are too many. */
    static Ranges of(VerifierInput input, int maxStates) {
        Map<Integer, List<Scalar[]>> states = new HashMap<>();
        Verdict verdict =
                Verifier.verify(
                        input,
                        new VerifierOptions(0, maxStates, 0),
                        (insn, state) ->
                                states.computeIfAbsent(insn, at -> new ArrayList<>())
                                        .add(scalars(state)));
        return verdict.accepted() ? new Ranges(states) : null;
    }

    private static Scalar[] scalars(State state) {
        Scalar[] scalars = new Scalar[REGISTERS];
        for (int i = 0; i < REGISTERS; i++) {
            if (state.reg(i).isScalar()) {
                scalars[i] = new Scalar();
                scalars[i].copyRange(state.reg(i));
            }
        }
        return scalars;
    }

    @Override
    public void executed(
            ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome) {
        check(insn.index(), insn, before);
    }

    /**
     * Holds the registers before an instruction to its states.
     *
     * @param shown what to show with the instruction's index if they are in none
     */
    void check(int index, Object shown, long[] before) {
        List<Scalar[]> known = states.get(index);
        if (known == null) {
            throw new AssertionError("insn " + index + " was never walked: " + shown);
        }
        for (int i = known.size() - 1; i >= 0; i--) {
            if (contains(known.get(i), before)) {
                return;
            }
        }
        StringBuilder text = new StringBuilder("insn " + index + ": " + shown + ":");
        for (int i = 0; i < REGISTERS; i++) {
            text.append(" r").append(i).append("=0x").append(Long.toHexString(before[i]));
        }
        text.append(" are in none of ").append(known.size()).append(" states");
        for (Scalar[] state : known.subList(0, Math.min(3, known.size()))) {
            text.append("\n   ");
            for (int i = 0; i < REGISTERS; i++) {
                if (state[i] != null) {
                    StringBuilder range = new StringBuilder();
                    Log.ranges(range, state[i]);
                    text.append(" r").append(i).append('(').append(range).append(')');
                }
            }
        }
        throw new AssertionError(text.toString());
    }

    private static boolean contains(Scalar[] state, long[] registers) {
        for (int i = 0; i < REGISTERS; i++) {
            if (state[i] != null && !state[i].contains(registers[i])) {
                return false;
            }
        }
        return true;
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

/**
 * What the verifier says of a program.
 *
 * @param accepted whether it may run
 * @param kind the kind of refusal, or {@code null}
 * @param message the kernel's words for the refusal, or {@code null}
 * @param explanation the same for a person: place, C line, what is wrong, what is known, what mends
 *     it; or {@code null}
 * @param where file, section, function, instruction and C line of the refusal, or of the program
 * @param log the walk, as far as the log level asked for it; the last line is the explanation
 * @param steps instructions that were walked
 * @param states states that were remembered
 * @param durationNs time that it took
 * @param proofs what is known of each instruction; nothing where the program is refused
 */
public record Verdict(
        boolean accepted,
        RefusalKind kind,
        String message,
        String explanation,
        Where where,
        String log,
        int steps,
        int states,
        long durationNs,
        Proofs proofs) {

    /** Index of the instruction of the refusal, or -1. */
    public int insn() {
        return accepted ? -1 : where.insn();
    }

    /**
     * The refusal as an error.
     *
     * @throws IllegalStateException if the program is accepted
     */
    public BpfException refusal() {
        if (accepted) {
            throw new IllegalStateException("the program is accepted");
        }
        String text = message + " (" + kind.hint() + ")";
        return kind == RefusalKind.UNSUPPORTED
                ? BpfException.unsupported(where, text)
                : BpfException.rejected(where, text);
    }
}

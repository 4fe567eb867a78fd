package org.trufflebpf.verifier;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.failure.Where;

/**
 * What the verifier says of a program.
 *
 * @param reason what is wrong with it, or {@code null} where it is accepted
 * @param where file, section, function, instruction and C line of the refusal, or of the program
 * @param log the walk, as far as the log level asked for it; the last line is the explanation
 * @param steps instructions that were walked
 * @param states states that were remembered
 * @param durationNs time that it took
 * @param proofs what is known of each instruction; nothing where the program is refused
 */
public record Verdict(
        Reason reason,
        Where where,
        String log,
        int steps,
        int states,
        long durationNs,
        Proofs proofs) {

    /**
     * Why a program is refused.
     *
     * @param kind the rule that it breaks
     * @param message the kernel's words
     * @param insn the refused instruction as text, or empty
     * @param known what was known of the registers that it uses, or empty
     * @param advice what usually mends it
     */
    public record Reason(
            RefusalKind kind, String message, String insn, String known, String advice) {

        /** What is wrong, where, what was known, what mends it; the place stands apart. */
        public String text() {
            return message
                    + (insn.isEmpty() ? "" : "; instruction: " + insn)
                    + (known.isEmpty() ? "" : "; known: " + known)
                    + "; "
                    + advice;
        }
    }

    /** Whether it may run. */
    public boolean accepted() {
        return reason == null;
    }

    /** The kind of refusal, or {@code null}. */
    public RefusalKind kind() {
        return accepted() ? null : reason.kind;
    }

    /** The kernel's words for the refusal, or {@code null}. */
    public String message() {
        return accepted() ? null : reason.message;
    }

    /**
     * The refusal for a person: place, C line, what is wrong, what is known, what mends it; or
     * {@code null}.
     */
    public String explanation() {
        return accepted() ? null : where + ": " + reason.text();
    }

    /** Index of the instruction of the refusal, or -1. */
    public int insn() {
        return accepted() ? -1 : where.insn();
    }

    /**
     * The refusal as an error.
     *
     * @throws IllegalStateException if the program is accepted
     */
    public BpfException refusal() {
        if (accepted()) {
            throw new IllegalStateException("the program is accepted");
        }
        return new BpfException(
                reason.kind == RefusalKind.UNSUPPORTED ? Failure.UNSUPPORTED : Failure.REJECTED,
                Phase.VERIFY,
                where,
                reason.text());
    }
}

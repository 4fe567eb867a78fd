package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;

/**
 * What the verifier says of a program.
 *
 * @param text what is wrong, what was known and what mends it, in one line; {@code null} where the
 *     program is accepted
 * @param message the same, what is wrong alone
 * @param instruction the refused instruction as text, or empty
 * @param known what was known of the registers that it uses, or empty
 * @param advice what mends it, or empty
 * @param function the function of the refused instruction, or {@code null}
 * @param insn its index, or -1
 * @param source its C line, or {@code null}
 * @param steps instructions that were walked
 * @param log the walk, as far as it was asked for
 */
public record Judgement(
        boolean accepted,
        String text,
        String message,
        String instruction,
        String known,
        String advice,
        String function,
        int insn,
        String source,
        long steps,
        long durationNs,
        String log) {

    static Judgement of(Value verdict) {
        return new Judgement(
                Values.flag(verdict, "accepted"),
                Values.text(verdict, "text"),
                Values.text(verdict, "message"),
                Values.text(verdict, "instruction"),
                Values.text(verdict, "known"),
                Values.text(verdict, "advice"),
                Values.text(verdict, "function"),
                (int) Values.number(verdict, "insn", -1),
                Values.text(verdict, "source"),
                Values.number(verdict, "steps", 0),
                Values.number(verdict, "durationNs", 0),
                Values.text(verdict, "log"));
    }

    /** A program that could not be prepared for the verifier. */
    static Judgement unloadable(EbpfRunException e) {
        return new Judgement(
                false,
                e.getMessage(),
                e.getMessage(),
                "",
                "",
                "",
                e.program(),
                e.insn(),
                e.source(),
                0,
                0,
                e.description() + "\n");
    }
}

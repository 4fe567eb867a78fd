package org.trufflebpf.verifier;

/**
 * What a user sets of the verifier.
 *
 * @param logLevel 0 for none, 1 for the walk as the kernel's log shows it, 2 for every register of
 *     every step
 * @param maxInsns instructions that may be walked ({@code BPF_COMPLEXITY_LIMIT_INSNS})
 * @param maxLog characters of the log that are kept
 */
public record VerifierOptions(int logLevel, int maxInsns, int maxLog) {
    /** No log, the kernel's limits. */
    public static final VerifierOptions DEFAULT = new VerifierOptions(0, 1_000_000, 16 << 20);

    /** The same with another log level. */
    public VerifierOptions withLog(int level) {
        return new VerifierOptions(level, maxInsns, maxLog);
    }
}

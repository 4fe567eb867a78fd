package org.trufflebpf.verifier;

/** Ends the walk: the program is refused. Never leaves the package. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RefusalKind kind;
    private final String advice;

    Refusal(RefusalKind kind, String message) {
        this(kind, message, kind.hint());
    }

    /**
     * @param advice what mends it, in the numbers of this very place
     */
    Refusal(RefusalKind kind, String message, String advice) {
        super(message, null, false, false);
        this.kind = kind;
        this.advice = advice;
    }

    String advice() {
        return advice;
    }

    RefusalKind kind() {
        return kind;
    }
}

package org.trufflebpf.verifier;

/** Ends the walk: the program is refused. Never leaves the package. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RefusalKind kind;

    Refusal(RefusalKind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    RefusalKind kind() {
        return kind;
    }
}

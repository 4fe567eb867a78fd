package org.trufflebpf.failure;

import java.util.Objects;

/**
 * The input is wrong: an object, an instruction, an option, or what a program did while it ran.
 * Never thrown for a mistake of our own. The message is one line for a person: what is wrong, what
 * was expected, what to do next; the place is kept apart in {@link #where()} and joined by {@link
 * #describe()}.
 */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;
    private final transient Phase phase;
    private final transient Where where;

    public BpfException(Failure failure, Phase phase, Where where, String message) {
        super(message, null, false, false);
        this.failure = Objects.requireNonNull(failure);
        this.phase = Objects.requireNonNull(phase);
        this.where = Objects.requireNonNull(where);
    }

    public static BpfException malformed(Where where, String message) {
        return new BpfException(Failure.MALFORMED, Phase.LOAD, where, message);
    }

    public static BpfException unresolved(Where where, String message) {
        return new BpfException(Failure.UNRESOLVED, Phase.LOAD, where, message);
    }

    public static BpfException rejected(Where where, String message) {
        return new BpfException(Failure.REJECTED, Phase.VERIFY, where, message);
    }

    public static BpfException unsupported(Where where, String message) {
        return new BpfException(Failure.UNSUPPORTED, Phase.LOAD, where, message);
    }

    public static BpfException limit(Where where, String message) {
        return new BpfException(Failure.LIMIT, Phase.LOAD, where, message);
    }

    public static BpfException trap(String message) {
        return new BpfException(Failure.TRAP, Phase.RUN, Where.UNKNOWN, message);
    }

    public static BpfException usage(String message) {
        return new BpfException(Failure.USAGE, Phase.USAGE, Where.UNKNOWN, message);
    }

    public Failure failure() {
        return failure;
    }

    public Phase phase() {
        return phase;
    }

    public Where where() {
        return where;
    }

    /** The same failure, its place completed by what an outer stage knows. */
    public BpfException within(Where outer) {
        return new BpfException(failure, phase, where.within(outer), getMessage());
    }

    /** Place and message in one line. */
    public String describe() {
        String place = where.toString();
        return place.isEmpty() ? getMessage() : place + ": " + getMessage();
    }
}

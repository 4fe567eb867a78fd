package org.trufflebpf.api;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.trufflebpf.uapi.Errno;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something is wrong with an object, an argument or a run. The message is place and reason in one
 * line; the cause is the {@link PolyglotException} with the stacks of all languages.
 */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong; the constants are those of the language. */
    public enum Kind {
        /** The file is not a BPF object, or is broken. */
        MALFORMED,
        /** It refers to what is not there. */
        UNRESOLVED,
        /** The kernel would not load it. */
        REJECTED,
        /** The program did what it must not do while it ran. */
        TRAP,
        /** It needs what is not implemented here. */
        UNSUPPORTED,
        /** A limit of memory or time was reached. */
        LIMIT,
        /** An argument is wrong. */
        USAGE
    }

    private final Kind kind;
    private final String errno;
    private final transient Value guest;

    private BpfException(Kind kind, String message, String errno, Value guest, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.errno = errno;
        this.guest = guest;
    }

    static BpfException usage(String message) {
        return new BpfException(Kind.USAGE, message, null, null, null);
    }

    /** What the kernel would return an error number for. */
    static BpfException errno(Errno errno, String message) {
        return new BpfException(Kind.USAGE, message, errno.name(), null, null);
    }

    /** Does what the caller does with the guest, whose failures become exceptions of this class. */
    static <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (PolyglotException e) {
            Value guest = e.getGuestObject();
            if (guest == null || !guest.hasMember("failure") || !guest.hasMember("description")) {
                throw e;
            }
            throw new BpfException(
                    Kind.valueOf(guest.getMember("failure").asString()),
                    guest.getMember("description").asString(),
                    text(guest, "errno").orElse(null),
                    guest,
                    e);
        }
    }

    public Kind kind() {
        return kind;
    }

    /** Name of the program, if the failure lies in one. */
    public Optional<String> program() {
        return text("program");
    }

    /** The C file, line and text of the instruction that failed. */
    public Optional<String> source() {
        return text("source");
    }

    /** Name of the kernel's error number, such as {@code E2BIG}, where an operation gave one. */
    public Optional<String> errno() {
        return Optional.ofNullable(errno);
    }

    private Optional<String> text(String member) {
        return text(guest, member);
    }

    private static Optional<String> text(Value guest, String member) {
        if (guest == null || !guest.hasMember(member)) {
            return Optional.empty();
        }
        Value value = guest.getMember(member);
        return value.isString() ? Optional.of(value.asString()) : Optional.empty();
    }
}

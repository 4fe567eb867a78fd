package org.trufflebpf.launcher.engine;

import java.util.Objects;

/**
 * What the user is told when something is wrong with an option, a file, an object or a run. The
 * fields are those of the JSON contract's {@code error}; {@link #description()} is the one line for
 * a person.
 */
public final class EbpfRunException extends Exception {
    private static final long serialVersionUID = 1L;

    /** When a failure was found, with the exit status that says so. */
    public enum Phase {
        USAGE("usage", 1),
        LOAD("load", 2),
        VERIFY("verify", 2),
        RUN("run", 3);

        private final String label;
        private final int status;

        Phase(String label, int status) {
            this.label = label;
            this.status = status;
        }

        public String label() {
            return label;
        }

        public int status() {
            return status;
        }

        static Phase byLabel(String label, Phase otherwise) {
            for (Phase phase : values()) {
                if (phase.label.equals(label)) {
                    return phase;
                }
            }
            return otherwise;
        }
    }

    private final Phase phase;
    private final String program;
    private final int insn;
    private final String source;
    private final String description;

    /**
     * @param program the program's name, or {@code null}
     * @param insn the instruction's index, or -1
     * @param source the C source line, or {@code null}
     * @param description place and message in one line
     */
    public EbpfRunException(
            Phase phase,
            String message,
            String program,
            int insn,
            String source,
            String description,
            Throwable cause) {
        super(message, cause);
        this.phase = Objects.requireNonNull(phase);
        this.program = program;
        this.insn = insn;
        this.source = source;
        this.description = description;
    }

    public static EbpfRunException usage(String message) {
        return usage(message, null);
    }

    public static EbpfRunException usage(String message, Throwable cause) {
        return new EbpfRunException(Phase.USAGE, message, null, -1, null, message, cause);
    }

    public static EbpfRunException load(String message) {
        return new EbpfRunException(Phase.LOAD, message, null, -1, null, message, null);
    }

    /** The same with {@code hint} at the end of what it says. */
    public EbpfRunException with(String hint) {
        return new EbpfRunException(
                phase, getMessage() + hint, program, insn, source, description + hint, this);
    }

    public Phase phase() {
        return phase;
    }

    public String program() {
        return program;
    }

    public int insn() {
        return insn;
    }

    public String source() {
        return source;
    }

    public String description() {
        return description;
    }
}

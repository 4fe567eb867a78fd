package org.trufflebpf.failure;

/** What kind of thing went wrong with an input. {@link Phase} says when. */
public enum Failure {
    /** The bytes do not have the form their format asks for. */
    MALFORMED,
    /** A name, type or relocation has no target. */
    UNRESOLVED,
    /** Well formed, but breaks a rule that the kernel holds programs to at load. */
    REJECTED,
    /** The program did something forbidden while it ran. */
    TRAP,
    /** Valid for the kernel, not supported here; the message names it. */
    UNSUPPORTED,
    /** A limit on memory, time or size was reached. */
    LIMIT,
    /** An option or argument is wrong. */
    USAGE
}

package org.trufflebpf.failure;

/**
 * When a failure was found; the launcher turns it into the exit status and the JSON field {@code
 * phase}.
 */
public enum Phase {
    USAGE,
    LOAD,
    VERIFY,
    RUN
}

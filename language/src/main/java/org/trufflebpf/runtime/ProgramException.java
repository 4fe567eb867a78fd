package org.trufflebpf.runtime;

/**
 * What {@code bpf_throw} throws: it ends all functions of a program, whose result is the cookie, or
 * what the program's exception callback makes of it.
 */
public final class ProgramException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long cookie;

    public ProgramException(long cookie) {
        super("bpf_throw(" + cookie + ")", null, false, false);
        this.cookie = cookie;
    }

    public long cookie() {
        return cookie;
    }
}

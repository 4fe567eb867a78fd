package org.trufflebpf.map;

import org.trufflebpf.uapi.Errno;

/** A map operation of user space failed as {@code bpf()} fails, with an errno. */
public final class MapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public MapException(Errno errno, String message) {
        super(message + " (" + errno + ")", null, false, false);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}

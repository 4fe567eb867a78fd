package org.trufflebpf.kernel;

/**
 * A system call on the BPF kernel interface failed: what was asked, the errno, and the verifier's
 * log if there is one.
 */
public final class KernelBpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String log;

    KernelBpfException(String what, int errno, String log) {
        super(what + ": " + errnoName(errno) + (log.isEmpty() ? "" : "\n" + log));
        this.errno = errno;
        this.log = log;
    }

    /** The positive errno value. */
    public int errno() {
        return errno;
    }

    /** The verifier's (or libbpf's) log, empty if there is none. */
    public String log() {
        return log;
    }

    /** The name of a positive errno value that the BPF interface is known to return. */
    public static String errnoName(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case 2 -> "ENOENT";
            case 3 -> "ESRCH";
            case 7 -> "E2BIG";
            case 9 -> "EBADF";
            case 11 -> "EAGAIN";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 14 -> "EFAULT";
            case 16 -> "EBUSY";
            case 19 -> "ENODEV";
            case 17 -> "EEXIST";
            case 34 -> "ERANGE";
            case 22 -> "EINVAL";
            case 28 -> "ENOSPC";
            case 38 -> "ENOSYS";
            case 97 -> "EAFNOSUPPORT";
            case 95 -> "EOPNOTSUPP";
            case 524 -> "ENOTSUPP";
            default -> "errno " + errno;
        };
    }
}

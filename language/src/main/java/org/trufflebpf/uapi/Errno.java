package org.trufflebpf.uapi;

/**
 * Error numbers that helpers and map operations return, negated; {@code asm-generic/errno-base.h}
 * and {@code errno.h}.
 */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    ESRCH(3),
    EINTR(4),
    EIO(5),
    E2BIG(7),
    EBADF(9),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EBUSY(16),
    EEXIST(17),
    ENODEV(19),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    ENOSPC(28),
    EROFS(30),
    EDOM(33),
    ERANGE(34),
    EDEADLK(35),
    ENAMETOOLONG(36),
    ENOMSG(42),
    ENONET(64),
    EPROTO(71),
    EOVERFLOW(75),
    EBADFD(77),
    EMSGSIZE(90),
    EPROTOTYPE(91),
    ENOPROTOOPT(92),
    EPROTONOSUPPORT(93),
    ESOCKTNOSUPPORT(94),
    EOPNOTSUPP(95),
    EAFNOSUPPORT(97),
    EADDRINUSE(98),
    EADDRNOTAVAIL(99),
    ENOTCONN(107),
    ETIMEDOUT(110),
    EALREADY(114),
    ENOTSUPP(524);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** What a helper returns for this error: the number negated. */
    public long negative() {
        return -number;
    }

    /** The row of a number (either sign), or {@code null}. */
    public static Errno of(long number) {
        for (Errno row : values()) {
            if (row.number == Math.abs(number)) {
                return row;
            }
        }
        return null;
    }
}

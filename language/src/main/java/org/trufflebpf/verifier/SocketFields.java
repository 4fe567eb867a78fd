package org.trufflebpf.verifier;

/** What may be read of sockets that helpers give: {@code bpf_sock} and {@code bpf_tcp_sock}. */
final class SocketFields {
    private static final int SOCK_SIZE = 80;
    private static final int TCP_SOCK_SIZE = 96;
    private static final int TCP_BYTES_RECEIVED = 80;

    private SocketFields() {}

    static void check(int regno, Reg reg, int off, int size) {
        if (reg.smin < 0) {
            throw Env.refuse(
                    RefusalKind.MEMORY_BOUNDS,
                    "R"
                            + regno
                            + " min value is negative, either use unsigned index or do a if (index"
                            + " >=0) check.");
        }
        boolean valid =
                off >= 0
                        && off % size == 0
                        && switch (reg.type) {
                            case TCP_SOCK -> tcp(off, size);
                            case SOCK_COMMON -> common(off, size);
                            default -> sock(off, size);
                        };
        if (!valid || !reg.isConst()) {
            throw Env.refuse(
                    RefusalKind.MEMORY_BOUNDS,
                    "R"
                            + regno
                            + " invalid "
                            + Log.typeName(reg)
                            + " access off="
                            + off
                            + " size="
                            + size);
        }
    }

    private static boolean tcp(int off, int size) {
        if (off + size > TCP_SOCK_SIZE) {
            return false;
        }
        return off >= TCP_BYTES_RECEIVED ? size == 8 : size == 4;
    }

    private static boolean common(int off, int size) {
        return switch (off) {
            case 0, 16, 20 -> false;
            default -> sock(off, size);
        };
    }

    private static boolean sock(int off, int size) {
        if (off + size > SOCK_SIZE || size > 4) {
            return false;
        }
        if (off >= 48 && off < 52) {
            return off + size <= 50 || (off == 48 && size == 4);
        }
        boolean whole = off < 4 || (off >= 16 && off < 24);
        return !whole || size == 4;
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.context.SkBuff;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.Socket;

/**
 * Which socket an argument of a helper means: one of the simulated environment in any of its forms,
 * that of the context where the context is passed, or the one that the kernel's test run gives a
 * packet ({@code null} here: it has no protocol and no address of its own).
 */
final class Sockets {
    private Sockets() {}

    /** Offset of the 64-bit pointer to the socket in a context, or -1. */
    static int offsetIn(ProgramType type) {
        return switch (type) {
            case SOCK_OPS -> 184;
            case CGROUP_SOCK_ADDR -> 64;
            case CGROUP_SOCKOPT, SK_LOOKUP -> 0;
            case SK_MSG -> 72;
            case SK_REUSEPORT -> 40;
            case SOCKET_FILTER,
                    SCHED_CLS,
                    SCHED_ACT,
                    CGROUP_SKB,
                    LWT_IN,
                    LWT_OUT,
                    LWT_XMIT,
                    LWT_SEG6LOCAL,
                    SK_SKB ->
                    SkBuff.SK;
            default -> -1;
        };
    }

    /** Whether an address is a socket's. */
    static boolean isSocket(Run run, long address) {
        return isTestSocket(run, address) || run.machine().world().socketAt(address) != null;
    }

    /** Whether it is the socket of the kernel's test run. */
    static boolean isTestSocket(Run run, long address) {
        return run.object().size() > 0 && address == run.object().start();
    }

    /** The socket at an address, {@code null} for that of a test run. */
    static Socket at(Run run, long address) {
        return run.machine().world().socketAt(address);
    }

    /** The socket of a context, {@code null} for that of a test run. */
    static Socket ofContext(Run run, long context) {
        int offset = offsetIn(run.program().type());
        long address = offset < 0 ? 0 : run.memory().getLong(context + offset);
        return isTestSocket(run, address) ? null : at(run, address);
    }

    /**
     * The socket that an argument means, the context or a socket itself.
     *
     * @throws BpfException TRAP where the user gave the context no socket
     */
    static Socket require(Run run, long argument) {
        Socket socket =
                argument == run.context().start() ? ofContext(run, argument) : at(run, argument);
        if (socket == null) {
            throw BpfException.trap(
                    "the context has no socket that could tell; those of the environment"
                            + " (--env) are found by bpf_sk_lookup_tcp and its kin");
        }
        return socket;
    }
}

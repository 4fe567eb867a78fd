package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.context.SkLookupContext;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.FlowTuple;
import org.trufflebpf.world.IpAddress;
import org.trufflebpf.world.IpEndpoint;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.World;

import java.util.Map;

/** Helpers that find a socket by addresses and ports, and hand a packet to one. */
final class SocketLookupHelpers {
    /** {@code sizeof} of the two forms of {@code struct bpf_sock_tuple}. */
    static final int TUPLE_V4 = 12;

    static final int TUPLE_V6 = 36;

    private static final int REPLACE = 1;
    private static final int NO_REUSEPORT = 2;

    /** {@code BPF_TCX_INGRESS}: where packets come in. */
    private static final int TCX_INGRESS = 46;

    private SocketLookupHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "sk_lookup_tcp",
                (run, context, tuple, size, netns, flags) ->
                        full(run, lookup(run, tuple, size, netns, flags, Socket.TCP)));
        all.put(
                "sk_lookup_udp",
                (run, context, tuple, size, netns, flags) ->
                        full(run, lookup(run, tuple, size, netns, flags, Socket.UDP)));
        all.put(
                "skc_lookup_tcp",
                (run, context, tuple, size, netns, flags) -> {
                    Socket socket = lookup(run, tuple, size, netns, flags, Socket.TCP);
                    return socket == null ? 0 : run.machine().world().sockAddress(socket);
                });
        // sockets of the environment live as long as the machine: the reference is the verifier's
        // matter
        all.put("sk_release", (run, socket, r2, r3, r4, r5) -> 0);
        all.put(
                "sk_assign",
                (run, context, socket, flags, r4, r5) -> assign(run, context, socket, flags));
    }

    /** A full socket, in place of a request its listener; 0 without one. */
    private static long full(Run run, Socket found) {
        World world = run.machine().world();
        Socket socket = found;
        if (socket != null && socket.spec().state() == Socket.NEW_SYN_RECV) {
            socket = best(world, socket.spec().local(), null, Socket.TCP);
        }
        return socket == null || !socket.isFull() ? 0 : world.sockAddress(socket);
    }

    private static Socket lookup(
            Run run, long tuple, long size, long netns, long flags, int protocol) {
        boolean current = (int) netns < 0;
        if ((size != TUPLE_V4 && size != TUPLE_V6) || !current || flags != 0) {
            return null;
        }
        FlowTuple flow = flow(run.memory(), tuple, size, protocol);
        return best(run.machine().world(), flow.destination(), flow.source(), protocol);
    }

    /** Reads a {@code struct bpf_sock_tuple} of one of the two sizes. */
    static FlowTuple flow(Memory memory, long tuple, long size, int protocol) {
        int length = size == TUPLE_V4 ? 4 : 16;
        return new FlowTuple(
                protocol,
                endpoint(memory, tuple, tuple + 2L * length, length),
                endpoint(memory, tuple + length, tuple + 2L * length + 2, length));
    }

    private static IpEndpoint endpoint(Memory memory, long address, long port, int length) {
        int number = ((memory.getByte(port) & 0xff) << 8) | (memory.getByte(port + 1) & 0xff);
        return new IpEndpoint(new IpAddress(memory.read(address, length)), number);
    }

    /** The connection between the two ends, else who listens at the local one. */
    private static Socket best(World world, IpEndpoint local, IpEndpoint remote, int protocol) {
        Socket best = null;
        int bestScore = 0;
        for (Socket socket : world.sockets()) {
            int score = socket.spec().protocol() == protocol ? score(socket, local, remote) : 0;
            if (score > bestScore) {
                best = socket;
                bestScore = score;
            }
        }
        return best;
    }

    private static int score(Socket socket, IpEndpoint local, IpEndpoint remote) {
        IpEndpoint own = socket.spec().local();
        IpEndpoint peer = socket.spec().remote();
        if (own.port() != local.port()) {
            return 0;
        }
        if (peer.port() != 0) {
            return peer.equals(remote) && own.address().equals(local.address()) ? 10 : 0;
        }
        if (socket.isTcp() && !socket.isListening()) {
            return 0;
        }
        boolean sameFamily = own.address().isV6() == local.address().isV6();
        if (own.address().isUnspecified()) {
            // a socket of IPv6 takes connections of IPv4 too
            return sameFamily ? 2 : own.address().isV6() ? 1 : 0;
        }
        return own.address().equals(local.address()) ? 4 : 0;
    }

    private static long assign(Run run, long context, long address, long flags) {
        if (run.program().type() == ProgramType.SK_LOOKUP) {
            return select(run, context, address, flags);
        }
        if (address == 0 || flags != 0) {
            return Errno.EINVAL.negative();
        }
        Socket socket = Sockets.at(run, address);
        // a packet of the kernel's test run is not coming in, unless the program says that it is
        if (socket == null || run.program().attachType() != TCX_INGRESS) {
            return Errno.EOPNOTSUPP.negative();
        }
        run.memory().putLong(context + SkBuff.SK, address);
        Packet.of(run).setSocketCookie(socket.cookie());
        run.note("packet assigned to " + socket);
        return 0;
    }

    private static long select(Run run, long context, long address, long flags) {
        if ((flags & ~(REPLACE | NO_REUSEPORT)) != 0) {
            return Errno.EINVAL.negative();
        }
        Memory memory = run.memory();
        Socket socket = Sockets.at(run, address);
        if (address != 0) {
            if (socket == null || !socket.isFull() || socket.spec().remote().port() != 0) {
                return Errno.ESOCKTNOSUPPORT.negative();
            }
            if (socket.spec().protocol() != memory.getInt(context + SkLookupContext.PROTOCOL)) {
                return Errno.EPROTOTYPE.negative();
            }
            boolean v6 = memory.getInt(context + SkLookupContext.FAMILY) != SkLookupContext.AF_INET;
            if (v6 && !socket.isV6()) {
                return Errno.EAFNOSUPPORT.negative();
            }
        }
        if (memory.getLong(context + SkLookupContext.SK) != 0 && (flags & REPLACE) == 0) {
            return Errno.EEXIST.negative();
        }
        memory.putLong(context + SkLookupContext.SK, address);
        run.note(address == 0 ? "no socket selected" : socket + " selected");
        return 0;
    }
}

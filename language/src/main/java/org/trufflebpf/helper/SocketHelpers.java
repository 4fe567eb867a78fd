package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.World;

import java.util.Map;
import java.util.function.Predicate;

/**
 * Helpers that tell of a socket. The socket of a test run is a full one without a protocol, owned
 * by user 0, that is not listening; all others are those of the simulated environment.
 */
final class SocketHelpers {
    /** Who owns a packet whose socket is not known ({@code overflowuid}). */
    private static final long OVERFLOW_UID = 65534;

    private SocketHelpers() {}

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "sock_destroy",
                (run, socket, r2, r3, r4, r5) -> {
                    run.note(Sockets.at(run, socket) + " destroyed");
                    return 0;
                });
    }

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "sk_fullsock",
                (run, socket, r2, r3, r4, r5) -> {
                    Socket found = Sockets.at(run, socket);
                    return found == null || found.isFull() ? socket : 0;
                });
        all.put("tcp_sock", (run, socket, r2, r3, r4, r5) -> tcpSock(run, socket));
        all.put(
                "get_listener_sock",
                (run, socket, r2, r3, r4, r5) -> {
                    Socket found = Sockets.at(run, socket);
                    return found != null && found.isListening() ? socket : 0;
                });
        all.put("get_socket_uid", (run, skb, r2, r3, r4, r5) -> uid(run, skb));
        all.put("get_socket_cookie", (run, thing, r2, r3, r4, r5) -> cookie(run, thing));
        all.put(
                "get_netns_cookie",
                (run, context, r2, r3, r4, r5) -> run.machine().world().spec().netnsCookie());
        kernelForm(all, "skc_to_tcp_sock", s -> s.isTcp() && s.isFull());
        kernelForm(all, "skc_to_tcp6_sock", s -> s.isTcp() && s.isFull() && s.isV6());
        kernelForm(
                all,
                "skc_to_tcp_timewait_sock",
                s -> s.isTcp() && s.spec().state() == Socket.TIME_WAIT);
        kernelForm(
                all,
                "skc_to_tcp_request_sock",
                s -> s.isTcp() && s.spec().state() == Socket.NEW_SYN_RECV);
        kernelForm(
                all,
                "skc_to_udp6_sock",
                s -> s.spec().protocol() == Socket.UDP && s.isFull() && s.isV6());
        // the environment has sockets of neither family
        kernelForm(all, "skc_to_unix_sock", s -> false);
        kernelForm(all, "skc_to_mptcp_sock", s -> false);
    }

    /** A helper that gives the kernel's structure of a socket of some kind, else NULL. */
    private static void kernelForm(
            Map<String, HelperFunction> all, String name, Predicate<Socket> wanted) {
        all.put(
                name,
                (run, address, r2, r3, r4, r5) -> {
                    Socket socket = Sockets.at(run, address);
                    return socket != null && wanted.test(socket)
                            ? run.machine().world().address(socket)
                            : 0;
                });
    }

    private static long tcpSock(Run run, long address) {
        Socket socket = Sockets.at(run, address);
        return socket != null && socket.isTcp() && socket.isFull()
                ? run.machine().world().tcpSockAddress(socket)
                : 0;
    }

    private static long uid(Run run, long skb) {
        Socket socket = Sockets.ofContext(run, skb);
        if (socket == null) {
            return 0;
        }
        return socket.isFull() ? Integer.toUnsignedLong(socket.spec().uid()) : OVERFLOW_UID;
    }

    private static long cookie(Run run, long thing) {
        Packet packet = Packet.of(run);
        boolean context = thing == run.context().start();
        Socket socket = context ? Sockets.ofContext(run, thing) : Sockets.at(run, thing);
        if (socket != null) {
            return socket.cookie();
        }
        if (packet == null) {
            return Sockets.require(run, thing).cookie();
        }
        if (packet.socketCookie() == 0) {
            World world = run.machine().world();
            packet.setSocketCookie(world.newCookie());
        }
        return packet.socketCookie();
    }
}

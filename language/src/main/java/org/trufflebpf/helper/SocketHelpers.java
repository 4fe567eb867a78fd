package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.runtime.Run;

import java.util.Map;

/**
 * Helpers on the socket of an skb. The socket of a test run is a full one without a protocol, owned
 * by user 0, that is not listening.
 */
final class SocketHelpers {
    private SocketHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("sk_fullsock", (run, socket, r2, r3, r4, r5) -> socket);
        all.put("tcp_sock", (run, socket, r2, r3, r4, r5) -> 0);
        all.put("get_listener_sock", (run, socket, r2, r3, r4, r5) -> 0);
        all.put("get_socket_uid", (run, skb, r2, r3, r4, r5) -> 0);
        all.put("get_socket_cookie", (run, skb, r2, r3, r4, r5) -> cookie(run));
    }

    private static long cookie(Run run) {
        Packet packet = Packet.of(run);
        if (packet.socketCookie() == 0) {
            packet.setSocketCookie(run.machine().world().newCookie());
        }
        return packet.socketCookie();
    }
}

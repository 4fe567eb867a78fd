package org.trufflebpf.helper;

import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.ObjectArrayMap;
import org.trufflebpf.map.SockHashMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.World;

import java.util.Map;

/**
 * Helpers on maps of sockets: a connection that is made goes into one, data and connections go to a
 * socket of one. Nothing is sent: where it would go is noted.
 */
final class SockMapHelpers {
    private static final long SK_DROP = 0;
    private static final long SK_PASS = 1;
    private static final long INGRESS = 1;

    /** {@code op} in {@code struct bpf_sock_ops}. */
    private static final int OP = 0;

    // BPF_SOCK_OPS_*_CB in which the kernel lets a socket into a map
    private static final int ACTIVE_ESTABLISHED = 4;
    private static final int PASSIVE_ESTABLISHED = 5;
    private static final int TCP_LISTEN = 11;

    /** {@code sk} in {@code struct sk_reuseport_md}. */
    private static final int REUSEPORT_SK = 40;

    private SockMapHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("sock_map_update", SockMapHelpers::update);
        all.put("sock_hash_update", SockMapHelpers::update);
        all.put(
                "sk_redirect_map",
                (run, skb, map, key, flags, r5) ->
                        redirect(run, atIndex(run, map, key), flags, "packet"));
        all.put(
                "sk_redirect_hash",
                (run, skb, map, key, flags, r5) ->
                        redirect(run, atKey(run, map, key), flags, "packet"));
        all.put(
                "msg_redirect_map",
                (run, msg, map, key, flags, r5) ->
                        redirect(run, atIndex(run, map, key), flags, "message"));
        all.put(
                "msg_redirect_hash",
                (run, msg, map, key, flags, r5) ->
                        redirect(run, atKey(run, map, key), flags, "message"));
        all.put("sk_select_reuseport", SockMapHelpers::select);
    }

    /** The context's socket goes into a map, if it is a connection or about to listen. */
    private static long update(Run run, long context, long map, long key, long flags, long r5) {
        World world = run.machine().world();
        Socket socket = Sockets.ofContext(run, context);
        int op = run.memory().getInt(context + OP);
        boolean allowed = op == ACTIVE_ESTABLISHED || op == PASSIVE_ESTABLISHED || op == TCP_LISTEN;
        if (!allowed || socket == null || !socket.isTcp() || !socket.isFull()) {
            return Errno.EOPNOTSUPP.negative();
        }
        long address = world.sockAddress(socket);
        return MapHelpers.map(run, map) instanceof SockHashMap hash
                ? hash.updateSocket(key, address, flags)
                : ((ObjectArrayMap) MapHelpers.map(run, map)).updateSocket(key, address, flags);
    }

    private static Socket atIndex(Run run, long map, long index) {
        return Sockets.at(run, ((ObjectArrayMap) MapHelpers.map(run, map)).object((int) index));
    }

    private static Socket atKey(Run run, long map, long key) {
        return Sockets.at(run, ((SockHashMap) MapHelpers.map(run, map)).socket(key));
    }

    private static long redirect(Run run, Socket socket, long flags, String what) {
        if ((flags & ~INGRESS) != 0 || socket == null) {
            return SK_DROP;
        }
        boolean ingress = (flags & INGRESS) != 0;
        // who listens takes no data; of what is not TCP only connected sockets do
        boolean takes =
                socket.isTcp()
                        ? !socket.isListening()
                        : socket.spec().state() == Socket.ESTABLISHED;
        if (!takes || (!ingress && !socket.isTcp() && what.equals("message"))) {
            return SK_DROP;
        }
        run.note(what + " redirected to " + (ingress ? "the ingress of " : "") + socket);
        return SK_PASS;
    }

    /** The socket of a map that takes the packet, of the group of the context's socket. */
    private static long select(Run run, long context, long map, long key, long flags, long r5) {
        BpfMap sockets = MapHelpers.map(run, map);
        long address =
                sockets instanceof SockHashMap hash
                        ? hash.socket(key)
                        : ((ObjectArrayMap) sockets).object(run.memory().getInt(key));
        Socket selected = address == 0 ? null : Sockets.at(run, address);
        if (selected == null) {
            return Errno.ENOENT.negative();
        }
        boolean array = sockets.type() == MapType.REUSEPORT_SOCKARRAY;
        if (!selected.isListening() && selected.isTcp()) {
            // not of a group that shares a port
            return (array ? Errno.ENOENT : Errno.EINVAL).negative();
        }
        long own = run.memory().getLong(context + REUSEPORT_SK);
        Socket group = own == 0 ? null : Sockets.at(run, own);
        if (group != null) {
            if (group.spec().protocol() != selected.spec().protocol()) {
                return Errno.EPROTOTYPE.negative();
            }
            if (group.isV6() != selected.isV6()) {
                return Errno.EAFNOSUPPORT.negative();
            }
            if (!group.spec().local().equals(selected.spec().local())) {
                return Errno.EBADFD.negative();
            }
        }
        run.note("selected " + selected);
        return 0;
    }
}

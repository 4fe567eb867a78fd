package org.trufflebpf.world;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.world.WorldSpec.ConnectionSpec;
import org.trufflebpf.world.WorldSpec.SocketSpec;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the descriptions of sockets and of tracked connections. */
final class SocketReader {
    /**
     * {@code TCP_*} of the kernel's {@code net/tcp_states.h}, in the order of their numbers from 1.
     */
    private static final List<String> STATES =
            List.of(
                    "established",
                    "syn_sent",
                    "syn_recv",
                    "fin_wait1",
                    "fin_wait2",
                    "time_wait",
                    "close",
                    "close_wait",
                    "last_ack",
                    "listen",
                    "closing",
                    "new_syn_recv");

    private SocketReader() {}

    static SocketSpec read(JsonValue value, int index, Set<String> names) {
        JsonFields fields = new JsonFields(value, "a socket");
        String name = fields.text("name", "socket" + index);
        if (!names.add(name)) {
            throw BpfException.usage(value.place() + ": a second socket has the name " + name);
        }
        int protocol = fields.parsed("protocol", "tcp or udp", SocketReader::protocol, 6);
        IpEndpoint local = end(fields, value, "local");
        IpEndpoint remote =
                fields.parsed(
                        "remote",
                        "address:port, such as 10.0.0.2:4000",
                        SocketReader::endpoint,
                        new IpEndpoint(IpAddress.unspecified(local.address().isV6()), 0));
        if (remote.address().isV6() != local.address().isV6()) {
            throw BpfException.usage(
                    value.place() + ": 'local' and 'remote' are of different families");
        }
        String usual = remote.port() != 0 ? "established" : protocol == 6 ? "listen" : "close";
        SocketSpec socket =
                new SocketSpec(
                        name,
                        protocol,
                        fields.parsed(
                                "state",
                                "one of " + String.join(", ", STATES),
                                SocketReader::state,
                                state(usual)),
                        local,
                        remote,
                        fields.number("cookie", 1, Long.MAX_VALUE, 0),
                        (int) fields.number("uid", 0, 0xffff_ffffL, 0),
                        (int) fields.number("mark", 0, 0xffff_ffffL, 0),
                        (int) fields.number("priority", 0, 0xffff_ffffL, 0),
                        (int) fields.number("bound_to", 0, Integer.MAX_VALUE, 0),
                        WorldReader.path(fields),
                        (int) fields.number("classid", 0, 0xffff_ffffL, 0),
                        (int) fields.number("task", 0, Integer.MAX_VALUE, 0),
                        fields.nested("tcp"),
                        fields.nested("fields"));
        fields.done("a socket");
        return socket;
    }

    /** The bits of a tracked connection's status, by the names of {@code conntrack -L}. */
    private static final Map<String, Integer> STATUS =
            Map.of(
                    "new",
                    0,
                    "seen_reply",
                    Connection.SEEN_REPLY,
                    "assured",
                    Connection.SEEN_REPLY | Connection.ASSURED);

    static ConnectionSpec connection(JsonValue value) {
        JsonFields fields = new JsonFields(value, "a connection");
        int protocol = fields.parsed("protocol", "tcp or udp", SocketReader::protocol, 6);
        IpEndpoint source = end(fields, value, "source");
        IpEndpoint destination = end(fields, value, "destination");
        if (source.address().isV6() != destination.address().isV6()) {
            throw BpfException.usage(
                    value.place() + ": 'source' and 'destination' are of different families");
        }
        ConnectionSpec connection =
                new ConnectionSpec(
                        new FlowTuple(protocol, source, destination),
                        (int) fields.number("zone", 0, 0xffff, 0),
                        fields.parsed("status", "new, seen_reply or assured", STATUS::get, 0));
        fields.done("a connection");
        return connection;
    }

    private static IpEndpoint end(JsonFields fields, JsonValue value, String name) {
        IpEndpoint end =
                fields.parsed(
                        name, "address:port, such as 10.0.0.1:80", SocketReader::endpoint, null);
        if (end == null) {
            throw BpfException.usage(value.place() + ": '" + name + "' is missing");
        }
        return end;
    }

    private static Integer protocol(String text) {
        return switch (text) {
            case "tcp" -> 6;
            case "udp" -> 17;
            default -> null;
        };
    }

    private static Integer state(String text) {
        int index = STATES.indexOf(text.toLowerCase(Locale.ROOT));
        return index < 0 ? null : index + 1;
    }

    /** {@code 10.0.0.1:80} or {@code [::1]:80}. */
    private static IpEndpoint endpoint(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return null;
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        IpAddress address =
                IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host);
        if (address == null || address.isV6() != bracketed) {
            return null;
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return port < 0 || port > 0xffff ? null : new IpEndpoint(address, port);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}

package org.trufflebpf.world;

import org.trufflebpf.world.WorldSpec.InterfaceSpec;
import org.trufflebpf.world.WorldSpec.NeighbourSpec;
import org.trufflebpf.world.WorldSpec.RouteSpec;
import org.trufflebpf.world.WorldSpec.RouteType;

import java.util.ArrayList;
import java.util.List;

/**
 * Interfaces, routes and neighbours. Besides the described routes there are those that the kernel
 * adds by itself: each address of an interface is local, each of its prefixes is on the link.
 */
public final class Network {
    /** Numbers of the tables {@code main} and {@code local}. */
    public static final int MAIN = 254;

    public static final int LOCAL = 255;

    private final List<InterfaceSpec> interfaces;
    private final List<RouteSpec> routes = new ArrayList<>();
    private final List<NeighbourSpec> neighbours;

    Network(WorldSpec spec) {
        this.interfaces = spec.interfaces();
        this.neighbours = spec.neighbours();
        for (InterfaceSpec each : interfaces) {
            if (each.up()) {
                each.addresses().forEach(prefix -> addOwn(each, prefix));
            }
        }
        routes.addAll(spec.routes());
    }

    private void addOwn(InterfaceSpec device, IpPrefix prefix) {
        IpAddress address = prefix.address();
        int bits = address.bytes().length * 8;
        // all of 127.0.0.0/8 is local, not its one address alone
        boolean loopback = device.index() == 1;
        int localLength = loopback ? prefix.length() : bits;
        routes.add(
                new RouteSpec(
                        new IpPrefix(address, localLength),
                        RouteType.LOCAL,
                        null,
                        device.index(),
                        0,
                        address,
                        LOCAL,
                        0));
        if (!loopback && prefix.length() < bits) {
            int metric = address.isV6() ? 256 : 0;
            routes.add(
                    new RouteSpec(
                            prefix,
                            RouteType.UNICAST,
                            null,
                            device.index(),
                            0,
                            address.isV6() ? null : address,
                            MAIN,
                            metric));
        }
    }

    /** The interface of a number, or {@code null}. */
    public InterfaceSpec device(int index) {
        for (InterfaceSpec each : interfaces) {
            if (each.index() == index) {
                return each;
            }
        }
        return null;
    }

    public List<InterfaceSpec> interfaces() {
        return interfaces;
    }

    /** Whether there is such a table. */
    public boolean hasTable(int table) {
        return table == MAIN
                || table == LOCAL
                || routes.stream().anyMatch(route -> route.table() == table);
    }

    /**
     * The route to an address: the longest prefix of the first table that has one, of equal ones
     * that of the lowest metric; {@code null} if none has.
     *
     * @param device index of the interface that has to be used, or 0
     */
    public RouteSpec route(IpAddress to, int device, int... tables) {
        for (int table : tables) {
            RouteSpec best = null;
            for (RouteSpec route : routes) {
                boolean fits =
                        route.table() == table
                                && route.to().contains(to)
                                && (device == 0 || route.device() == device);
                if (fits && (best == null || isBetter(route, best))) {
                    best = route;
                }
            }
            if (best != null) {
                return best;
            }
        }
        return null;
    }

    private static boolean isBetter(RouteSpec route, RouteSpec than) {
        int length = route.to().length();
        int other = than.to().length();
        return length > other || (length == other && route.metric() < than.metric());
    }

    /** The neighbour of that address, or {@code null}. */
    public NeighbourSpec neighbour(IpAddress address, int device) {
        for (NeighbourSpec each : neighbours) {
            if (each.device() == device && each.address().equals(address)) {
                return each;
            }
        }
        return null;
    }

    /** An address of an interface that packets to {@code to} come from, or {@code null}. */
    public IpAddress source(int device, IpAddress to) {
        InterfaceSpec each = device(device);
        IpAddress found = null;
        for (IpPrefix prefix : each == null ? List.<IpPrefix>of() : each.addresses()) {
            if (prefix.address().isV6() == to.isV6() && (found == null || prefix.contains(to))) {
                found = prefix.address();
            }
        }
        return found;
    }
}

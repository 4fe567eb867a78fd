package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.IpAddress;
import org.trufflebpf.world.Network;
import org.trufflebpf.world.WorldSpec.InterfaceSpec;
import org.trufflebpf.world.WorldSpec.NeighbourSpec;
import org.trufflebpf.world.WorldSpec.RouteSpec;

import java.util.Map;

/**
 * Helpers that ask the routing tables: where would the kernel forward this packet to, does it fit.
 */
final class FibHelpers {
    // struct bpf_fib_lookup
    private static final int SIZE = 64;
    private static final int FAMILY = 0;
    private static final int TOT_LEN = 6;
    private static final int IFINDEX = 8;
    private static final int RT_METRIC = 12;
    private static final int SRC = 16;
    private static final int DST = 32;
    private static final int TBID = 48;
    private static final int SMAC = 52;
    private static final int DMAC = 58;

    // BPF_FIB_LOOKUP_*
    private static final int DIRECT = 1;
    private static final int OUTPUT = 2;
    private static final int SKIP_NEIGH = 4;
    private static final int USE_TBID = 8;
    private static final int SET_SRC = 16;
    private static final int KNOWN = 63;

    // BPF_FIB_LKUP_RET_*
    private static final int BLACKHOLE = 1;
    private static final int UNREACHABLE = 2;
    private static final int PROHIBIT = 3;
    private static final int NOT_FWDED = 4;
    private static final int FWD_DISABLED = 5;
    private static final int NO_NEIGH = 7;
    private static final int FRAG_NEEDED = 8;
    private static final int NO_SRC_ADDR = 9;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    /** {@code IP_MAX_MTU}: IPv4 uses no more of an MTU. */
    private static final int MAX_MTU = 0xfff0;

    private static final int VLAN_HLEN = 4;
    private static final int CHK_SEGS = 1;
    private static final int CHK_FRAG_NEEDED = 1;

    private FibHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "fib_lookup",
                (run, context, params, size, flags, r5) ->
                        lookup(run, params, (int) size, (int) flags));
        all.put(
                "check_mtu",
                (run, context, ifindex, length, diff, flags) ->
                        checkMtu(run, (int) ifindex, length, (int) diff, flags));
    }

    private static boolean isXdp(Run run) {
        return run.program().type() == ProgramType.XDP;
    }

    private static long lookup(Run run, long params, int size, int flags) {
        if (size < SIZE || (flags & ~KNOWN) != 0) {
            return Errno.EINVAL.negative();
        }
        Memory memory = run.memory();
        int family = memory.getByte(params + FAMILY);
        if (family != AF_INET && family != AF_INET6) {
            return Errno.EAFNOSUPPORT.negative();
        }
        int length = Short.toUnsignedInt(memory.getShort(params + TOT_LEN));
        boolean checkLength = isXdp(run) || length != 0;
        long result = find(run, params, family == AF_INET6, flags, checkLength ? length : -1);
        if (result == 0 && !checkLength) {
            InterfaceSpec device = device(run, memory.getInt(params + IFINDEX));
            int limit = device.mtu() + Packet.ETH_HLEN + VLAN_HLEN;
            if (!device.up() || Packet.of(run).length() > limit) {
                result = FRAG_NEEDED;
            }
            memory.putShort(params + TOT_LEN, (short) device.mtu());
        }
        return result;
    }

    private static InterfaceSpec device(Run run, int index) {
        return run.machine().world().network().device(index);
    }

    /** Looks up; {@code length} -1: any packet fits. */
    private static long find(Run run, long params, boolean v6, int flags, int length) {
        Memory memory = run.memory();
        Network network = run.machine().world().network();
        int bytes = v6 ? 16 : 4;
        IpAddress to = new IpAddress(memory.read(params + DST, bytes));
        if (v6 && (isStrict(to) || isStrict(new IpAddress(memory.read(params + SRC, bytes))))) {
            return NOT_FWDED;
        }
        int ifindex = memory.getInt(params + IFINDEX);
        InterfaceSpec input = network.device(ifindex);
        if (input == null) {
            return Errno.ENODEV.negative();
        }
        if (!input.forwarding()) {
            return FWD_DISABLED;
        }
        int[] tables = {Network.LOCAL, Network.MAIN};
        if ((flags & DIRECT) != 0) {
            int table = Network.MAIN;
            if ((flags & USE_TBID) != 0) {
                table = memory.getInt(params + TBID);
                memory.putInt(params + TBID, 0);
            }
            if (!network.hasTable(table)) {
                return NOT_FWDED;
            }
            // without rules of one's own, IPv4 keeps local and main in one table
            tables = table == Network.MAIN && !v6 ? tables : new int[] {table};
        }
        RouteSpec route = network.route(to, (flags & OUTPUT) != 0 ? ifindex : 0, tables);
        if (route == null) {
            return NOT_FWDED;
        }
        return switch (route.type()) {
            case BLACKHOLE -> BLACKHOLE;
            case UNREACHABLE -> UNREACHABLE;
            case PROHIBIT -> PROHIBIT;
            case LOCAL -> NOT_FWDED;
            case UNICAST -> forward(run, params, to, route, flags, length);
        };
    }

    private static long forward(
            Run run, long params, IpAddress to, RouteSpec route, int flags, int length) {
        Memory memory = run.memory();
        Network network = run.machine().world().network();
        InterfaceSpec output = network.device(route.device());
        int mtu = route.mtu() != 0 ? route.mtu() : output.mtu();
        mtu = to.isV6() ? mtu : Math.min(mtu, MAX_MTU);
        if (length > mtu) {
            memory.putShort(params + TOT_LEN, (short) mtu);
            return FRAG_NEEDED;
        }
        IpAddress hop = to;
        if (!to.isV6()) {
            memory.putInt(params + RT_METRIC, route.metric());
            memory.putInt(params + IFINDEX, output.index());
            if ((flags & SET_SRC) != 0) {
                IpAddress source = source(network, route, to);
                memory.write(params + SRC, source == null ? new byte[4] : source.bytes());
            }
            if (route.via() != null) {
                hop = route.via();
                memory.write(params + DST, hop.bytes());
                memory.putByte(params + FAMILY, (byte) (hop.isV6() ? AF_INET6 : AF_INET));
            }
        } else {
            if (route.via() != null) {
                hop = route.via();
                memory.write(params + DST, hop.bytes());
            }
            memory.putInt(params + RT_METRIC, route.metric());
            memory.putInt(params + IFINDEX, output.index());
            if ((flags & SET_SRC) != 0) {
                IpAddress source = source(network, route, to);
                if (source == null) {
                    return NO_SRC_ADDR;
                }
                memory.write(params + SRC, source.bytes());
            }
        }
        if ((flags & SKIP_NEIGH) == 0) {
            NeighbourSpec neighbour = network.neighbour(hop, output.index());
            if (neighbour == null) {
                return NO_NEIGH;
            }
            putMac(memory, params + DMAC, neighbour.mac());
            putMac(memory, params + SMAC, output.mac());
        }
        memory.putInt(params + TBID, 0);
        if (length >= 0) {
            memory.putShort(params + TOT_LEN, (short) mtu);
        }
        return 0;
    }

    private static IpAddress source(Network network, RouteSpec route, IpAddress to) {
        return route.source() != null ? route.source() : network.source(route.device(), to);
    }

    /** Multicast, link-local and loopback addresses are never forwarded. */
    private static boolean isStrict(IpAddress address) {
        byte[] bytes = address.bytes();
        boolean linkLocal = (bytes[0] & 0xff) == 0xfe && (bytes[1] & 0xc0) == 0x80;
        return (bytes[0] & 0xff) == 0xff || linkLocal || address.equals(IpAddress.parse("::1"));
    }

    private static void putMac(Memory memory, long address, long mac) {
        for (int i = 0; i < 6; i++) {
            memory.putByte(address + i, (byte) (mac >>> (8 * (5 - i))));
        }
    }

    private static long checkMtu(Run run, int ifindex, long lengthAddress, int diff, long flags) {
        Memory memory = run.memory();
        int given = memory.getInt(lengthAddress);
        boolean segments = (flags & CHK_SEGS) != 0;
        boolean wrong = isXdp(run) ? flags != 0 : (flags & ~CHK_SEGS) != 0;
        if (wrong || (segments && (diff != 0 || given != 0))) {
            return Errno.EINVAL.negative();
        }
        Packet packet = Packet.of(run);
        InterfaceSpec device = device(run, ifindex == 0 ? 1 : ifindex);
        if (device == null) {
            return Errno.ENODEV.negative();
        }
        int length = isXdp(run) ? packet.linear() : packet.length();
        if (given != 0) {
            length = given + Packet.ETH_HLEN;
        }
        memory.putInt(lengthAddress, device.mtu());
        return length + diff > device.mtu() + Packet.ETH_HLEN ? CHK_FRAG_NEEDED : 0;
    }
}

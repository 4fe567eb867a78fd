package org.trufflebpf.helper;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Gathers the implementations of all topics by name. */
final class HelperImplementations {
    /** Helpers that nodes implement, because they are control flow. */
    static final Set<String> BY_NODES = Set.of("tail_call");

    /** Helpers that work on the packet of a run. */
    static final Set<String> ON_PACKET = onPacket();

    private HelperImplementations() {}

    private static Set<String> onPacket() {
        Map<String, HelperFunction> packet = new TreeMap<>();
        addPacketHelpers(packet);
        return Set.copyOf(packet.keySet());
    }

    private static void addPacketHelpers(Map<String, HelperFunction> all) {
        ChecksumHelpers.addTo(all);
        XdpHelpers.addTo(all);
        SkbHelpers.addTo(all);
        SkbShapeHelpers.addTo(all);
        VlanHelpers.addTo(all);
        RedirectHelpers.addTo(all);
        TunnelHelpers.addTo(all);
        FibHelpers.addTo(all);
    }

    static Map<String, HelperFunction> all() {
        Map<String, HelperFunction> all = new TreeMap<>();
        MapHelpers.addTo(all);
        TimeHelpers.addTo(all);
        TaskHelpers.addTo(all);
        ProbeHelpers.addTo(all);
        StringHelpers.addTo(all);
        CallbackHelpers.addTo(all);
        PrintHelpers.addTo(all);
        SumHelpers.addTo(all);
        addPacketHelpers(all);
        EventHelpers.addTo(all);
        TracingHelpers.addTo(all);
        StorageHelpers.addTo(all);
        StackHelpers.addTo(all);
        TimerHelpers.addTo(all);
        DynptrHelpers.addTo(all);
        KptrHelpers.addTo(all);
        SocketHelpers.addTo(all);
        SocketLookupHelpers.addTo(all);
        CgroupHelpers.addTo(all);
        SockOptHelpers.addTo(all);
        SockOpsHelpers.addTo(all);
        MsgHelpers.addTo(all);
        SysctlHelpers.addTo(all);
        SyncookieHelpers.addTo(all);
        KernelHelpers.addTo(all);
        SeqHelpers.addTo(all);
        BtfShowHelpers.addTo(all);
        SockMapHelpers.addTo(all);
        return all;
    }
}

package org.trufflebpf.helper;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Gathers the implementations of all topics by name. */
final class HelperImplementations {
    /** Helpers that nodes implement, because they are control flow. */
    static final Set<String> BY_NODES = Set.of("tail_call");

    private HelperImplementations() {}

    static Map<String, HelperFunction> all() {
        Map<String, HelperFunction> all = new TreeMap<>();
        MapHelpers.addTo(all);
        TimeHelpers.addTo(all);
        TaskHelpers.addTo(all);
        ProbeHelpers.addTo(all);
        StringHelpers.addTo(all);
        CallbackHelpers.addTo(all);
        ChecksumHelpers.addTo(all);
        XdpHelpers.addTo(all);
        PrintHelpers.addTo(all);
        SkbHelpers.addTo(all);
        SkbShapeHelpers.addTo(all);
        VlanHelpers.addTo(all);
        RedirectHelpers.addTo(all);
        EventHelpers.addTo(all);
        SocketHelpers.addTo(all);
        TracingHelpers.addTo(all);
        return all;
    }
}

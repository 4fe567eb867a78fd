package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ArenaMap;
import org.trufflebpf.runtime.Run;

import java.util.Map;

/** Pages of arenas. */
final class ArenaKfuncs {
    private ArenaKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "arena_alloc_pages",
                (run, map, address, count, node, flags) ->
                        arena(run, map).allocate(address, (int) count, flags));
        all.put(
                "arena_free_pages",
                (run, map, address, count, r4, r5) -> {
                    arena(run, map).free(address, (int) count);
                    return 0;
                });
        all.put(
                "arena_reserve_pages",
                (run, map, address, count, r4, r5) ->
                        arena(run, map).reserve(address, (int) count));
    }

    private static ArenaMap arena(Run run, long map) {
        if (run.machine().handles().get(map) instanceof ArenaMap arena) {
            return arena;
        }
        throw BpfException.trap("0x" + Long.toHexString(map) + " is not an arena");
    }
}

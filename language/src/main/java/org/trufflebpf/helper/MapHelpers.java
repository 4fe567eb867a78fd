package org.trufflebpf.helper;

import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.SpinLock;
import org.trufflebpf.runtime.Run;

import java.util.Map;

/** Helpers on maps; what they mean stands with the map types. */
final class MapHelpers {
    private MapHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "map_lookup_elem",
                (run, map, key, r3, r4, r5) -> map(run, map).lookup(key, run.cpu()));
        all.put(
                "map_update_elem",
                (run, map, key, value, flags, r5) ->
                        map(run, map).update(key, value, flags, run.cpu()));
        all.put("map_delete_elem", (run, map, key, r3, r4, r5) -> map(run, map).delete(key));
        all.put(
                "map_push_elem",
                (run, map, value, flags, r4, r5) -> map(run, map).push(value, flags));
        all.put("map_pop_elem", (run, map, value, r3, r4, r5) -> map(run, map).pop(value));
        all.put("map_peek_elem", (run, map, value, r3, r4, r5) -> map(run, map).peek(value));
        all.put(
                "map_lookup_percpu_elem",
                (run, map, key, cpu, r4, r5) -> map(run, map).lookupPercpu(key, (int) cpu));
        all.put(
                "spin_lock",
                (run, lock, r2, r3, r4, r5) -> {
                    SpinLock.lock(run.memory(), lock);
                    run.setHeldLock(lock);
                    return 0;
                });
        all.put(
                "spin_unlock",
                (run, lock, r2, r3, r4, r5) -> {
                    SpinLock.unlock(run.memory(), lock);
                    run.setHeldLock(0);
                    return 0;
                });
    }

    /** The map of a checked argument. */
    static BpfMap map(Run run, long handle) {
        return (BpfMap) run.machine().handles().get(handle);
    }
}

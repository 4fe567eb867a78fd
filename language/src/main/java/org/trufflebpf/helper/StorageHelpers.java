package org.trufflebpf.helper;

import org.trufflebpf.map.CgroupStorageMap;
import org.trufflebpf.map.LocalStorageMap;
import org.trufflebpf.runtime.Run;

import java.util.List;
import java.util.Map;

/** Helpers on values that are bound to sockets, inodes, tasks and cgroups. */
final class StorageHelpers {
    private StorageHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        for (String kind : List.of("sk", "inode", "task", "cgrp")) {
            all.put(
                    kind + "_storage_get",
                    (run, map, owner, value, flags, r5) ->
                            ((LocalStorageMap) MapHelpers.map(run, map))
                                    .storage(owner, value, flags));
            all.put(
                    kind + "_storage_delete",
                    (run, map, owner, r3, r4, r5) ->
                            ((LocalStorageMap) MapHelpers.map(run, map)).deleteStorage(owner));
        }
        all.put("get_local_storage", (run, map, flags, r3, r4, r5) -> cgroupStorage(run, map));
    }

    /** The value of the cgroup that the program is attached to: the current task's. */
    private static long cgroupStorage(Run run, long map) {
        return ((CgroupStorageMap) MapHelpers.map(run, map))
                .storage(
                        run.machine().world().current().cgroup().id(),
                        run.program().attachType(),
                        run.cpu());
    }
}

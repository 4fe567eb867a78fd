package org.trufflebpf.helper;

import org.trufflebpf.context.SkBuff;
import org.trufflebpf.map.ObjectArrayMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Cgroup;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.Task;

import java.util.Map;

/**
 * Helpers that tell of the cgroup of the current task, of a socket or of a packet's socket. The
 * socket of a test run is in the cgroup of the current task, which made it.
 */
final class CgroupHelpers {
    private CgroupHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("get_current_cgroup_id", (run, r1, r2, r3, r4, r5) -> current(run).id());
        all.put(
                "get_current_ancestor_cgroup_id",
                (run, level, r2, r3, r4, r5) -> ancestor(current(run), (int) level));
        all.put("skb_cgroup_id", (run, skb, r2, r3, r4, r5) -> id(run, ofPacket(run, skb), 0));
        all.put(
                "skb_ancestor_cgroup_id",
                (run, skb, level, r3, r4, r5) ->
                        ancestor(cgroup(run, ofPacket(run, skb)), (int) level));
        all.put(
                "skb_cgroup_classid",
                (run, skb, r2, r3, r4, r5) -> classid(run, ofPacket(run, skb)));
        all.put(
                "skb_under_cgroup",
                (run, skb, map, index, r4, r5) -> skbUnder(run, skb, map, (int) index));
        all.put(
                "current_task_under_cgroup",
                (run, map, index, r3, r4, r5) -> under(run, current(run), map, (int) index));
        all.put(
                "sk_cgroup_id",
                (run, socket, r2, r3, r4, r5) -> id(run, Sockets.at(run, socket), 0));
        all.put(
                "sk_ancestor_cgroup_id",
                (run, socket, level, r3, r4, r5) ->
                        ancestor(cgroup(run, Sockets.at(run, socket)), (int) level));
    }

    /** Whether the packet's socket, which it may not have, is under a cgroup of an array. */
    private static long skbUnder(Run run, long skb, long map, int index) {
        long socket = run.memory().getLong(skb + SkBuff.SK);
        Cgroup cgroup = socket == 0 ? null : cgroup(run, ofPacket(run, skb));
        return cgroup == null ? Errno.ENOENT.negative() : under(run, cgroup, map, index);
    }

    private static long under(Run run, Cgroup cgroup, long map, int index) {
        ObjectArrayMap cgroups = (ObjectArrayMap) MapHelpers.map(run, map);
        if (Integer.compareUnsigned(index, cgroups.maxEntries()) >= 0) {
            return Errno.E2BIG.negative();
        }
        Cgroup above = run.machine().world().cgroupAt(cgroups.object(index));
        if (above == null) {
            return Errno.EAGAIN.negative();
        }
        return cgroup.isUnder(above) ? 1 : 0;
    }

    private static Cgroup current(Run run) {
        return run.machine().world().current().cgroup();
    }

    private static Socket ofPacket(Run run, long skb) {
        return Sockets.ofContext(run, skb);
    }

    /** {@code null} for a socket that is not full: it belongs to no cgroup. */
    private static Cgroup cgroup(Run run, Socket socket) {
        if (socket == null) {
            return current(run);
        }
        return socket.isFull() ? socket.cgroup() : null;
    }

    private static long id(Run run, Socket socket, long otherwise) {
        Cgroup cgroup = cgroup(run, socket);
        return cgroup == null ? otherwise : cgroup.id();
    }

    private static long ancestor(Cgroup cgroup, int level) {
        Cgroup ancestor = cgroup == null ? null : cgroup.ancestor(level);
        return ancestor == null ? 0 : ancestor.id();
    }

    private static long classid(Run run, Socket socket) {
        if (socket != null) {
            return socket.isFull() ? Integer.toUnsignedLong(socket.spec().classid()) : 0;
        }
        Task task = run.machine().world().current();
        return Integer.toUnsignedLong(task.spec().classid());
    }
}

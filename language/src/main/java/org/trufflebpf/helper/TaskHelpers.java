package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The current CPU and task, as the {@link World} describes them. */
final class TaskHelpers {
    private TaskHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("get_smp_processor_id", (run, r1, r2, r3, r4, r5) -> run.cpu());
        all.put("get_numa_node_id", (run, r1, r2, r3, r4, r5) -> 0);
        all.put(
                "get_current_pid_tgid",
                (run, r1, r2, r3, r4, r5) -> {
                    Task task = run.machine().world().current();
                    return pair(task.tgid(), task.pid());
                });
        all.put(
                "get_current_uid_gid",
                (run, r1, r2, r3, r4, r5) -> {
                    Task task = run.machine().world().current();
                    return pair(task.spec().gid(), task.spec().uid());
                });
        all.put("get_current_comm", (run, buffer, size, r3, r4, r5) -> comm(run, buffer, size));
        HelperFunction current =
                (run, r1, r2, r3, r4, r5) -> {
                    World world = run.machine().world();
                    return world.address(world.current());
                };
        all.put("get_current_task", current);
        all.put("get_current_task_btf", current);
    }

    private static long pair(int high, int low) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    /** Copies the name, cut and padded with zeros to {@code size}. */
    private static long comm(Run run, long buffer, long size) {
        byte[] comm = run.machine().world().current().comm().getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.min(Math.min(comm.length, 15), size - 1);
        Memory memory = run.memory();
        memory.fill(buffer, size, (byte) 0);
        memory.write(buffer, comm, 0, length);
        return 0;
    }
}

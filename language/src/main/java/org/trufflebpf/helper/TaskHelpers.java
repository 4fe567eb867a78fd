package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Environment;
import org.trufflebpf.runtime.Run;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The current CPU and task, as the {@link Environment} describes them. */
final class TaskHelpers {
    private TaskHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("get_smp_processor_id", (run, r1, r2, r3, r4, r5) -> run.cpu());
        all.put("get_numa_node_id", (run, r1, r2, r3, r4, r5) -> 0);
        all.put(
                "get_current_pid_tgid",
                (run, r1, r2, r3, r4, r5) -> {
                    Environment environment = run.machine().environment();
                    return pair(environment.tgid(), environment.pid());
                });
        all.put(
                "get_current_uid_gid",
                (run, r1, r2, r3, r4, r5) -> {
                    Environment environment = run.machine().environment();
                    return pair(environment.gid(), environment.uid());
                });
        all.put("get_current_comm", (run, buffer, size, r3, r4, r5) -> comm(run, buffer, size));
        all.put(
                "get_current_task",
                (run, r1, r2, r3, r4, r5) -> run.machine().opaque("current task"));
    }

    private static long pair(int high, int low) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    /** Copies the name, cut and padded with zeros to {@code size}. */
    private static long comm(Run run, long buffer, long size) {
        byte[] comm = run.machine().environment().comm().getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.min(Math.min(comm.length, 15), size - 1);
        Memory memory = run.memory();
        memory.fill(buffer, size, (byte) 0);
        memory.write(buffer, comm, 0, length);
        return 0;
    }
}

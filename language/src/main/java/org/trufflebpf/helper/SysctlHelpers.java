package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.WorldSpec.SysctlSpec;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Helpers of {@code cgroup_sysctl} programs: the knob that is being read or written. */
final class SysctlHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long TOO_BIG = Errno.E2BIG.negative();
    private static final int WRITE = 0;
    private static final int BASE_NAME = 1;
    private static final int PAGE_SIZE = 4096;

    private SysctlHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "sysctl_get_name",
                (run, context, buffer, size, flags, r5) ->
                        name(run.memory(), buffer, (int) size, flags, sysctl(run).name()));
        all.put(
                "sysctl_get_current_value",
                (run, context, buffer, size, r4, r5) ->
                        copy(run.memory(), buffer, (int) size, sysctl(run).value()));
        all.put(
                "sysctl_get_new_value",
                (run, context, buffer, size, r4, r5) -> {
                    if (run.memory().getInt(context + WRITE) == 0) {
                        run.memory().fill(buffer, size, (byte) 0);
                        return INVALID;
                    }
                    return copy(run.memory(), buffer, (int) size, sysctl(run).newValue());
                });
        all.put(
                "sysctl_set_new_value",
                (run, context, buffer, size, r4, r5) -> {
                    if (run.memory().getInt(context + WRITE) == 0
                            || sysctl(run).newValue().isEmpty()) {
                        return INVALID;
                    }
                    if (size > PAGE_SIZE - 1) {
                        return TOO_BIG;
                    }
                    byte[] value = run.memory().read(buffer, (int) size);
                    run.note(
                            sysctl(run).name()
                                    + " will be "
                                    + new String(value, StandardCharsets.UTF_8).strip());
                    return 0;
                });
    }

    private static SysctlSpec sysctl(Run run) {
        SysctlSpec sysctl = run.machine().world().spec().sysctl();
        if (sysctl == null) {
            throw BpfException.trap(
                    "no sysctl is accessed; describe one in the environment (--env): {\"sysctl\":"
                            + " {\"name\": \"net/ipv4/ip_forward\", \"value\": \"1\"}}");
        }
        return sysctl;
    }

    private static long name(Memory memory, long buffer, int size, long flags, String full) {
        if ((flags & ~BASE_NAME) != 0) {
            return INVALID;
        }
        String name = (flags & BASE_NAME) != 0 ? full.substring(full.lastIndexOf('/') + 1) : full;
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, size - 1);
        memory.fill(buffer, size, (byte) 0);
        memory.write(buffer, bytes, 0, length);
        return bytes.length > length ? TOO_BIG : length;
    }

    private static long copy(Memory memory, long buffer, int size, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        memory.fill(buffer, size, (byte) 0);
        if (bytes.length == 0) {
            return INVALID;
        }
        if (size > bytes.length) {
            memory.write(buffer, bytes);
            return bytes.length;
        }
        memory.write(buffer, bytes, 0, size - 1);
        return TOO_BIG;
    }
}

package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.StackTraceMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.WorldSpec.TaskSpec;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Helpers on call stacks: those of the simulated current task. */
final class StackHelpers {
    private static final long SKIP_MASK = 0xff;
    private static final long USER_STACK = 1 << 8;
    private static final long USER_BUILD_ID = 1 << 11;

    private StackHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "get_stackid",
                (run, context, map, flags, r4, r5) ->
                        ((StackTraceMap) MapHelpers.map(run, map))
                                .store(stack(run.machine().world().current(), flags), flags));
        all.put(
                "get_stack",
                (run, context, buffer, size, flags, r5) ->
                        copy(run, run.machine().world().current(), buffer, (int) size, flags));
        all.put(
                "get_task_stack",
                (run, task, buffer, size, flags, r5) -> {
                    Task asked = run.machine().world().taskAt(task);
                    if (asked == null) {
                        throw BpfException.trap(
                                "bpf_get_task_stack: argument 1 is no task of the environment");
                    }
                    return copy(run, asked, buffer, (int) size, flags);
                });
    }

    private static long copy(Run run, Task task, long buffer, int size, long flags) {
        long result = walk(run, task, buffer, size, flags);
        if (result < 0) {
            run.memory().fill(buffer, size, (byte) 0);
        }
        return result;
    }

    private static long[] stack(Task of, long flags) {
        TaskSpec task = of.spec();
        List<Long> stack = StackTraceMap.isUser(flags) ? task.userStack() : task.kernelStack();
        return stack.isEmpty() ? null : stack.stream().mapToLong(Long::longValue).toArray();
    }

    private static long walk(Run run, Task task, long buffer, int size, long flags) {
        boolean user = (flags & USER_STACK) != 0;
        boolean buildId = (flags & USER_BUILD_ID) != 0;
        int frame = buildId ? StackTraceMap.BUILD_ID_SIZE : 8;
        if ((flags & ~(SKIP_MASK | USER_STACK | USER_BUILD_ID)) != 0
                || (buildId && !user)
                || size % frame != 0) {
            return Errno.EINVAL.negative();
        }
        long[] stack = stack(task, flags);
        int skip = (int) (flags & SKIP_MASK);
        int end =
                stack == null
                        ? 0
                        : Math.min(
                                stack.length,
                                Math.min(size / frame + skip, StackTraceMap.MAX_DEPTH));
        if (stack == null || end < skip) {
            return Errno.EFAULT.negative();
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).order(run.memory().order());
        for (int i = skip; i < end; i++) {
            StackTraceMap.putFrame(bytes, stack[i], buildId);
        }
        run.memory().write(buffer, bytes.array());
        return (long) (end - skip) * frame;
    }
}

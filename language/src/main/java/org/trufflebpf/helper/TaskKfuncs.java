package org.trufflebpf.helper;

import org.trufflebpf.context.CgroupOrder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Cgroup;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;
import org.trufflebpf.world.WorldSpec.VmaSpec;

import java.util.List;
import java.util.Map;

/**
 * Functions on the tasks and cgroups of the simulated environment, and the open-coded iterators
 * over them. They live as long as the machine: taking and giving back references is the verifier's
 * matter.
 *
 * <p>An iterator keeps on the program's stack, in three words, the number of the next element, the
 * flags and the object where it began; it looks its elements up anew each time. The {@code self} of
 * a cgroup, by which its subsystem state is named, is its first field.
 */
final class TaskKfuncs {
    private static final long INVALID = Errno.EINVAL.negative();

    // flags of bpf_iter_task_new
    private static final int ALL_PROCS = 0;
    private static final int ALL_THREADS = 1;
    private static final int PROC_THREADS = 2;

    // flags of bpf_iter_css_task_new
    private static final int CSS_PROCS = 1;
    private static final int CSS_THREADED = 2;

    /** Lists the elements of an iterator by its flags and its start. */
    @FunctionalInterface
    private interface Elements {
        List<Long> of(World world, int flags, long start);
    }

    private TaskKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        HelperFunction same = (run, object, r2, r3, r4, r5) -> object;
        HelperFunction nothing = (run, object, r2, r3, r4, r5) -> 0;
        all.put("task_acquire", same);
        all.put("cgroup_acquire", same);
        all.put("task_release", nothing);
        all.put("cgroup_release", nothing);
        all.put(
                "task_from_pid",
                (run, pid, r2, r3, r4, r5) -> address(run, run.machine().world().task((int) pid)));
        all.put("task_from_vpid", (run, pid, r2, r3, r4, r5) -> byNamespacePid(run, (int) pid));
        all.put(
                "task_under_cgroup",
                (run, task, cgroup, r3, r4, r5) ->
                        task(run, task).cgroup().isUnder(cgroup(run, cgroup)) ? 1 : 0);
        // there are no hierarchies of version 1
        all.put("task_get_cgroup1", nothing);
        all.put(
                "cgroup_ancestor",
                (run, cgroup, level, r3, r4, r5) ->
                        address(run, cgroup(run, cgroup).ancestor((int) level)));
        all.put(
                "cgroup_from_id",
                (run, id, r2, r3, r4, r5) -> address(run, run.machine().world().cgroup(id)));
        addTaskIteratorTo(all);
        addCgroupIteratorsTo(all);
        addMappingIteratorTo(all);
    }

    private static long address(Run run, Task task) {
        return task == null ? 0 : run.machine().world().address(task);
    }

    private static long address(Run run, Cgroup cgroup) {
        return cgroup == null ? 0 : run.machine().world().address(cgroup);
    }

    private static Task task(Run run, long address) {
        Task task = run.machine().world().taskAt(address);
        if (task == null) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(address) + " is no task of the environment");
        }
        return task;
    }

    private static Cgroup cgroup(Run run, long address) {
        Cgroup cgroup = run.machine().world().cgroupAt(address);
        if (cgroup == null) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(address) + " is no cgroup of the environment");
        }
        return cgroup;
    }

    private static long byNamespacePid(Run run, int pid) {
        for (Task task : run.machine().world().tasks()) {
            if (task.spec().namespacePid() == pid) {
                return address(run, task);
            }
        }
        return 0;
    }

    // ---- iterators

    private static long begin(Run run, long iterator, long start, long flags) {
        Memory memory = run.memory();
        memory.putLong(iterator, 0);
        memory.putLong(iterator + 8, flags & 0xffff_ffffL);
        memory.putLong(iterator + 16, start);
        return 0;
    }

    /** An iterator that gives nothing: all its words are 0 and its flags such that none match. */
    private static long refuse(Run run, long iterator) {
        run.memory().fill(iterator, 24, (byte) 0);
        run.memory().putLong(iterator, -1);
        return INVALID;
    }

    private static long next(Run run, long iterator, Elements elements) {
        Memory memory = run.memory();
        long index = memory.getLong(iterator);
        if (index < 0) {
            return 0;
        }
        List<Long> all =
                elements.of(
                        run.machine().world(),
                        (int) memory.getLong(iterator + 8),
                        memory.getLong(iterator + 16));
        if (index >= all.size()) {
            return 0;
        }
        memory.putLong(iterator, index + 1);
        return all.get((int) index);
    }

    private static void addIterator(
            Map<String, HelperFunction> all, String name, int size, Elements elements) {
        all.put(
                "iter_" + name + "_next",
                (run, iterator, r2, r3, r4, r5) -> next(run, iterator, elements));
        all.put(
                "iter_" + name + "_destroy",
                (run, iterator, r2, r3, r4, r5) -> {
                    run.memory().fill(iterator, size, (byte) 0);
                    return 0;
                });
    }

    /** The kernel's iterator has one word here: it points to the rest. */
    private static long point(Run run, long iterator) {
        long rest = run.scratch(24);
        run.memory().putLong(iterator, rest);
        return rest;
    }

    /** As {@link #addIterator} for iterators of one word. */
    private static void addPointer(
            Map<String, HelperFunction> all, String name, Elements elements) {
        all.put(
                "iter_" + name + "_next",
                (run, iterator, r2, r3, r4, r5) -> {
                    long rest = run.memory().getLong(iterator);
                    return rest == 0 ? 0 : next(run, rest, elements);
                });
        all.put(
                "iter_" + name + "_destroy",
                (run, iterator, r2, r3, r4, r5) -> {
                    run.memory().putLong(iterator, 0);
                    return 0;
                });
    }

    private static void addTaskIteratorTo(Map<String, HelperFunction> all) {
        all.put(
                "iter_task_new",
                (run, iterator, task, flags, r4, r5) -> {
                    int mode = (int) flags;
                    boolean right =
                            mode == ALL_PROCS
                                    || mode == ALL_THREADS
                                    || (mode == PROC_THREADS && task != 0);
                    return right ? begin(run, iterator, task, flags) : refuse(run, iterator);
                });
        addIterator(
                all,
                "task",
                24,
                (world, flags, start) -> {
                    Task first = start == 0 ? null : world.taskAt(start);
                    return world.tasks().stream()
                            .filter(
                                    task ->
                                            switch (flags) {
                                                case ALL_PROCS -> task.pid() == task.tgid();
                                                case ALL_THREADS -> true;
                                                default ->
                                                        first != null
                                                                && task.tgid() == first.tgid();
                                            })
                            .map(world::address)
                            .toList();
                });
    }

    private static void addCgroupIteratorsTo(Map<String, HelperFunction> all) {
        all.put(
                "iter_css_new",
                (run, iterator, css, flags, r4, r5) ->
                        order((int) flags) != null
                                ? begin(run, iterator, css, flags)
                                : refuse(run, iterator));
        addIterator(
                all,
                "css",
                24,
                (world, flags, start) -> {
                    Cgroup first = world.cgroupAt(start);
                    return first == null
                            ? List.of()
                            : CgroupOrder.walk(world, first, order(flags)).stream()
                                    .map(world::address)
                                    .toList();
                });
        all.put(
                "iter_css_task_new",
                (run, iterator, css, flags, r4, r5) -> {
                    int mode = (int) flags;
                    boolean right =
                            mode == 0 || mode == CSS_PROCS || mode == (CSS_PROCS | CSS_THREADED);
                    if (!right) {
                        run.memory().putLong(iterator, 0);
                        return INVALID;
                    }
                    return begin(run, point(run, iterator), css, flags);
                });
        addPointer(all, "css_task", TaskKfuncs::tasksOf);
    }

    /** {@code enum bpf_cgroup_iter_order} but what an iterator in a program does not have. */
    private static String order(int flags) {
        return switch (flags) {
            case 2 -> "descendants_pre";
            case 3 -> "descendants_post";
            case 4 -> "ancestors_up";
            default -> null;
        };
    }

    private static List<Long> tasksOf(World world, int flags, long css) {
        Cgroup cgroup = world.cgroupAt(css);
        return world.tasks().stream()
                .filter(task -> task.cgroup().equals(cgroup))
                .filter(task -> (flags & CSS_PROCS) == 0 || task.pid() == task.tgid())
                .map(world::address)
                .toList();
    }

    private static void addMappingIteratorTo(Map<String, HelperFunction> all) {
        all.put(
                "iter_task_vma_new",
                (run, iterator, task, address, r4, r5) -> {
                    long rest = point(run, iterator);
                    List<VmaSpec> vmas = task(run, task).spec().vmas();
                    int first = 0;
                    while (first < vmas.size()
                            && Long.compareUnsigned(vmas.get(first).end(), address) <= 0) {
                        first++;
                    }
                    begin(run, rest, task, 0);
                    run.memory().putLong(rest, first);
                    return 0;
                });
        addPointer(
                all,
                "task_vma",
                (world, flags, task) ->
                        world.taskAt(task).spec().vmas().stream().map(world::address).toList());
    }
}

package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.world.Cgroup;
import org.trufflebpf.world.World;

import java.util.ArrayList;
import java.util.List;

/** The orders in which cgroups are walked ({@code enum bpf_cgroup_iter_order}). */
public final class CgroupOrder {
    private CgroupOrder() {}

    /** The cgroups from {@code start} on in an order by the kernel's name, in lower case. */
    public static List<Cgroup> walk(World world, Cgroup start, String order) {
        List<Cgroup> walked = new ArrayList<>();
        switch (order) {
            case "self_only" -> walked.add(start);
            case "descendants_pre" -> descend(world, start, walked, false);
            case "descendants_post" -> descend(world, start, walked, true);
            case "ancestors_up" -> {
                for (Cgroup at = start; at != null; at = at.parent()) {
                    walked.add(at);
                }
            }
            case "children" -> walked.addAll(children(world, start));
            default ->
                    throw BpfException.usage(
                            "'"
                                    + order
                                    + "' is no order of cgroups; expected self_only,"
                                    + " descendants_pre, descendants_post, ancestors_up or"
                                    + " children");
        }
        return walked;
    }

    private static void descend(World world, Cgroup at, List<Cgroup> walked, boolean post) {
        if (!post) {
            walked.add(at);
        }
        for (Cgroup child : children(world, at)) {
            descend(world, child, walked, post);
        }
        if (post) {
            walked.add(at);
        }
    }

    /** The children of a cgroup, in the order in which they were made. */
    public static List<Cgroup> children(World world, Cgroup parent) {
        return world.cgroups().stream().filter(cgroup -> cgroup.parent() == parent).toList();
    }
}

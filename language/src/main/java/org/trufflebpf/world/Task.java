package org.trufflebpf.world;

import org.trufflebpf.world.WorldSpec.TaskSpec;

/** A thread. What it is does not change; its identity is that of the object. */
public final class Task implements KernelObject {
    private final TaskSpec spec;
    private final Cgroup cgroup;

    Task(TaskSpec spec, Cgroup cgroup) {
        this.spec = spec;
        this.cgroup = cgroup;
    }

    public TaskSpec spec() {
        return spec;
    }

    public int pid() {
        return spec.pid();
    }

    public int tgid() {
        return spec.tgid();
    }

    public String comm() {
        return spec.comm();
    }

    public Cgroup cgroup() {
        return cgroup;
    }

    @Override
    public String reference() {
        return "@task/" + pid();
    }

    @Override
    public String struct() {
        return "task_struct";
    }

    @Override
    public String toString() {
        return "task " + pid() + " (" + comm() + ")";
    }
}

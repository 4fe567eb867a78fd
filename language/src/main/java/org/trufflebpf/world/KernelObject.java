package org.trufflebpf.world;

/**
 * An object of the kernel with an identity that programs can hold, compare and pass to helpers, and
 * to which local storage can be bound. Its address is given out by {@link World#address}.
 */
public sealed interface KernelObject permits Task, Cgroup, Socket {
    /** The name by which descriptions and arguments refer to it, such as {@code @task/1}. */
    String reference();

    /** Name of the kernel's structure, such as {@code task_struct}. */
    String struct();
}

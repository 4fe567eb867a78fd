package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;

import java.util.function.LongSupplier;

/**
 * What a map needs of the machine it lives in.
 *
 * @param memory the arena, in the byte order of the object that the map comes from
 * @param handles gives the map its address
 * @param cpus number of virtual CPUs
 * @param random seeds and random choices
 * @param objects the kernel objects that maps refer to
 * @param releaser ends timers, kptrs and the like in values that go
 */
public record MapHost(
        Memory memory,
        Handles handles,
        int cpus,
        LongSupplier random,
        KernelObjects objects,
        FieldReleaser releaser) {
    /** A host without kernel objects but the loopback interface. */
    public MapHost(Memory memory, Handles handles, int cpus, LongSupplier random) {
        this(memory, handles, cpus, random, new KernelObjects(), FieldReleaser.NONE);
    }
}

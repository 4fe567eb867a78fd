package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What the values of {@code DEVMAP}, {@code DEVMAP_HASH} and {@code CPUMAP} may be (uapi {@code
 * struct bpf_devmap_val} and {@code bpf_cpumap_val}): a u32 number, and in values of 8 bytes the
 * handle of a program that runs at the target, 0 or negative for none.
 */
final class TargetRules {
    /** Longest queue of a CPU. */
    private static final int MAX_QUEUE = 16384;

    private final BpfMap map;
    private final KernelObjects objects;
    private final Handles handles;

    TargetRules(BpfMap map, MapHost host) {
        this.map = map;
        this.objects = host.objects();
        this.handles = host.handles();
    }

    int number(byte[] value) {
        return ByteBuffer.wrap(value).order(map.memory().order()).getInt();
    }

    private int program(byte[] value) {
        return value.length < 8 ? -1 : ByteBuffer.wrap(value).order(map.memory().order()).getInt(4);
    }

    boolean hasProgram(byte[] value) {
        return program(value) > 0;
    }

    void checkInterface(int ifindex) {
        if (!objects.hasInterface(ifindex)) {
            throw map.error(
                    Errno.EINVAL, "there is no interface " + Integer.toUnsignedLong(ifindex));
        }
    }

    void checkQueue(int cpu, int size) {
        if (Integer.compareUnsigned(size, MAX_QUEUE) > 0) {
            throw map.error(Errno.EOVERFLOW, "a queue of " + Integer.toUnsignedLong(size));
        }
        if (cpu >= map.cpus()) {
            throw map.error(Errno.ENODEV, "there is no CPU " + cpu);
        }
    }

    void checkProgram(byte[] value) {
        if (hasProgram(value)) {
            Object target = handles.get(program(value));
            if (target == null || target instanceof BpfMap) {
                // the kernel says of any failure to set up a CPU's queue that memory lacks
                boolean device = map.type() != MapType.CPUMAP;
                throw map.error(
                        device ? Errno.EINVAL : Errno.ENOMEM,
                        program(value) + " is not the handle of a program");
            }
        }
    }

    /** The value as it is read back: without a program its id is 0. */
    byte[] stored(byte[] value) {
        byte[] stored = value.clone();
        if (!hasProgram(value) && value.length == 8) {
            Arrays.fill(stored, 4, 8, (byte) 0);
        }
        return stored;
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.relo.TargetBtf;

import java.util.function.IntFunction;

/**
 * All that a verdict depends on. Helpers, kernel functions and program types are tables of this
 * project and need not be given.
 *
 * @param object maps, license and types
 * @param program the final instructions
 * @param target types of the kernel; asked for only when a program needs them
 * @param constants the final contents of a map that never changes, by its index; {@code null} for
 *     every other map
 * @param cpus number of CPUs: {@code bpf_get_smp_processor_id} gives less
 * @param function whether the program takes the place of a function: it is entered, as a global
 *     function is, with whatever arguments its BTF allows
 */
public record VerifierInput(
        ObjectSpec object,
        LoadedProgram program,
        TargetBtf target,
        IntFunction<byte[]> constants,
        int cpus,
        boolean function) {
    /** The most CPUs that a kernel can have on x86-64. */
    private static final int MAX_CPUS = 8192;

    /** An object whose constants are those of its file, on any number of CPUs. */
    public VerifierInput(ObjectSpec object, LoadedProgram program, TargetBtf target) {
        this(
                object,
                program,
                target,
                index -> {
                    MapSpec map = object.maps().get(index);
                    return map.kind() == MapSpec.Kind.RODATA ? map.data() : null;
                },
                MAX_CPUS,
                false);
    }
}

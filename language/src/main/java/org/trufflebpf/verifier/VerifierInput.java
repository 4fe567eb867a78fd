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
 */
public record VerifierInput(
        ObjectSpec object, LoadedProgram program, TargetBtf target, IntFunction<byte[]> constants) {
    /** An object whose constants are those of its file. */
    public VerifierInput(ObjectSpec object, LoadedProgram program, TargetBtf target) {
        this(
                object,
                program,
                target,
                index -> {
                    MapSpec map = object.maps().get(index);
                    return map.kind() == MapSpec.Kind.RODATA ? map.data() : null;
                });
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.relo.TargetBtf;

/**
 * All that a verdict depends on. Helpers, kernel functions and program types are tables of this
 * project and need not be given.
 *
 * @param object maps, license and types
 * @param program the final instructions
 * @param target types of the kernel; asked for only when a program needs them
 */
public record VerifierInput(ObjectSpec object, LoadedProgram program, TargetBtf target) {}

package org.trufflebpf.object;

/**
 * A function inside a linked program.
 *
 * @param name the function's symbol name
 * @param start index of its first slot
 * @param end index behind its last slot
 * @param global a global (non-static) function
 * @param typeId BTF type id of the FUNC, or 0
 */
public record SubprogSpec(String name, int start, int end, boolean global, int typeId) {}

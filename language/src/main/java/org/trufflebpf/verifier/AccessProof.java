package org.trufflebpf.verifier;

/**
 * What was proven of a memory access, on all paths that reach it: it lies inside an object of this
 * kind, so that no check is needed when it runs.
 *
 * @param region the kind of object
 * @param size bytes of the access
 */
public record AccessProof(Region region, int size) {
    /** Kinds of objects. */
    public enum Region {
        STACK,
        CONTEXT,
        PACKET,
        MAP_VALUE,
        MEMORY,
        /** Different kinds on different paths, each of them proven. */
        SEVERAL
    }
}

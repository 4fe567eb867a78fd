package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.uapi.Errno;

/** A map whose values are maps, seen by user space. */
public interface MapOfMaps {
    /** The shape that all its inner maps have. */
    InnerMeta innerMeta();

    /**
     * Puts a map in.
     *
     * @throws MapException EINVAL if its shape is not that of {@link #innerMeta}
     */
    void setInner(byte[] key, BpfMap inner, long flags);

    /** The inner map of a key, or {@code null}. */
    BpfMap inner(byte[] key);

    /** The map that a value of user space names. */
    static BpfMap innerOf(BpfMap outer, Handles handles, int handle) {
        if (handles.get(Integer.toUnsignedLong(handle)) instanceof BpfMap inner) {
            return inner;
        }
        throw outer.error(
                Errno.EBADF, "0x" + Integer.toHexString(handle) + " is not the handle of a map");
    }
}

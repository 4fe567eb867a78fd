package org.trufflebpf.interop;

import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Walks over the keys of a map in its own order, as {@code BPF_MAP_GET_NEXT_KEY} does. Where other
 * threads delete keys the walk may begin anew, but not for ever.
 */
final class KeyWalk implements Iterator<byte[]> {
    private final BpfMap map;
    private long left;
    private byte[] next;

    KeyWalk(BpfMap map) {
        this.map = map;
        this.left = 2L * Integer.toUnsignedLong(map.maxEntries());
        this.next = after(null);
    }

    private byte[] after(byte[] key) {
        try {
            return map.nextKey(key);
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    @Override
    public boolean hasNext() {
        return next != null && left > 0;
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        byte[] key = next;
        left--;
        next = after(key);
        return key;
    }
}

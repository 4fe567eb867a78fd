package org.trufflebpf.memory;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.util.Arrays;

/**
 * Addresses that name something and hold nothing: a map, a function. A program keeps them in
 * registers and on its stack as it keeps kernel pointers; they lie in the unmapped part of the
 * arena, eight bytes apart.
 */
public final class Handles {
    private static final int LIMIT = (int) ((Memory.FIRST - Memory.HANDLES) / 8);

    private volatile Object[] things = new Object[16];
    private int count;

    /** Gives a thing its address. */
    public synchronized long register(Object thing) {
        if (count == LIMIT) {
            throw BpfException.limit(
                    Where.UNKNOWN, "more than " + LIMIT + " maps and functions in one context");
        }
        Object[] next = count < things.length ? things : Arrays.copyOf(things, count * 2);
        next[count] = thing;
        things = next;
        return Memory.HANDLES + 8L * count++;
    }

    /** The thing at an address, or {@code null} if the address is not that of a handle. */
    public Object get(long address) {
        long index = (address - Memory.HANDLES) >> 3;
        Object[] current = things;
        return (address & 7) == 0 && index >= 0 && index < current.length
                ? current[(int) index]
                : null;
    }
}

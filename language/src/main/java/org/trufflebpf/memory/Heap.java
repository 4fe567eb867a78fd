package org.trufflebpf.memory;

import org.trufflebpf.failure.BpfException;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Objects that come and go while programs run: {@code bpf_obj_new}, values of local storage. Each
 * lies in a slot of a slab whose slots have one size; an access has to stay within a live object.
 * What was freed can still be read until its slot is used anew, as the kernel's allocator lets
 * readers under RCU do, and no longer be written. Thread-safe.
 */
public final class Heap {
    private static final int MIN_SHIFT = 4;
    private static final int MAX_SHIFT = 30;
    private static final int FIRST_SLOTS = 16;
    private static final long MAX_SLAB = 1 << 20;

    private final Memory memory;
    private final Region.Kind kind;
    private final String name;

    /** For each power of two, addresses of free slots. */
    private final List<Deque<Long>> free = new ArrayList<>();

    private final int[] slabs = new int[MAX_SHIFT + 1];

    /** Slots of one size. */
    private static final class Slab extends Region {
        private final Heap heap;
        private final int shift;
        private final int[] sizes;
        private final boolean[] live;
        private final Object[] types;

        Slab(Heap heap, long start, int count, int shift) {
            super(
                    heap.kind,
                    heap.name,
                    start,
                    (long) count << shift,
                    1L << shift,
                    1L << shift,
                    true);
            this.heap = heap;
            this.shift = shift;
            this.sizes = new int[count];
            this.live = new boolean[count];
            this.types = new Object[count];
        }

        private int slot(long address) {
            return (int) ((address - start()) >>> shift);
        }

        @Override
        public boolean contains(long address, long size) {
            if (!spans(address) || size < 0) {
                return false;
            }
            long offset = (address - start()) & ((1L << shift) - 1);
            return offset <= sizes[slot(address)] - size;
        }

        @Override
        public boolean allows(long address, long size, boolean write) {
            return contains(address, size) && (!write || live[slot(address)]);
        }
    }

    /**
     * An empty heap.
     *
     * @param kind what its objects are
     * @param name the name that messages use
     */
    public Heap(Memory memory, Region.Kind kind, String name) {
        this.memory = memory;
        this.kind = kind;
        this.name = name;
        for (int i = 0; i <= MAX_SHIFT; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /**
     * Makes an object of zeros.
     *
     * @param type whatever the maker wants to know of it later
     * @return its address, aligned to 8 bytes; 0 if the arena is full
     */
    public synchronized long allocate(long size, Object type) {
        if (size < 0 || size > 1L << MAX_SHIFT) {
            return 0;
        }
        int shift = Math.max(MIN_SHIFT, 64 - Long.numberOfLeadingZeros(Math.max(1, size) - 1));
        Deque<Long> slots = free.get(shift);
        if (slots.isEmpty() && !grow(shift)) {
            return 0;
        }
        long address = slots.pop();
        Slab slab = (Slab) memory.find(address);
        int slot = slab.slot(address);
        memory.fill(address, size, (byte) 0);
        slab.types[slot] = type;
        slab.sizes[slot] = (int) size;
        slab.live[slot] = true;
        return address;
    }

    private boolean grow(int shift) {
        long count =
                Math.clamp(
                        (long) FIRST_SLOTS << Math.min(slabs[shift], 20),
                        1,
                        Math.max(1, MAX_SLAB >>> shift));
        long start;
        try {
            start =
                    memory.reserve(
                            count << shift, 1L << Math.min(shift, 12), kind.label() + " " + name);
        } catch (BpfException e) {
            return false;
        }
        slabs[shift]++;
        memory.add(new Slab(this, start, (int) count, shift));
        for (long i = 0; i < count; i++) {
            free.get(shift).add(start + (i << shift));
        }
        return true;
    }

    /**
     * Ends an object.
     *
     * @throws BpfException TRAP if there is none that starts there
     */
    public synchronized void free(long address) {
        Slab slab = slab(address);
        if (slab == null || !slab.live[slab.slot(address)]) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(address) + " is not an allocated object: freed twice?");
        }
        int slot = slab.slot(address);
        slab.live[slot] = false;
        free.get(slab.shift).push(slab.start() + ((long) slot << slab.shift));
    }

    private Slab slab(long address) {
        return memory.find(address) instanceof Slab slab && slab.heap == this ? slab : null;
    }

    /** Whether a live object of this heap spans an address. */
    public boolean isLive(long address) {
        Slab slab = slab(address);
        return slab != null && slab.live[slab.slot(address)] && slab.contains(address, 1);
    }

    /** First address of the live object that spans {@code address}, or 0. */
    public long startOf(long address) {
        Slab slab = slab(address);
        if (slab == null || !slab.live[slab.slot(address)]) {
            return 0;
        }
        return slab.start() + ((long) slab.slot(address) << slab.shift);
    }

    /** What {@link #allocate} was told of the live object that spans {@code address}. */
    public Object typeOf(long address) {
        Slab slab = slab(address);
        return slab == null || !slab.live[slab.slot(address)]
                ? null
                : slab.types[slab.slot(address)];
    }
}

package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;

import java.util.BitSet;

/**
 * {@code BPF_MAP_TYPE_ARENA}: pages that programs and user space share, with pointers between them.
 * The lower half of the user's address of a byte is the program's, the guest address; {@code
 * map_extra} gives the upper half only. Pages are allocated as in the kernel: the smallest gap that
 * is large enough. A page that is not allocated reads as zeros.
 */
public final class ArenaMap extends BpfMap {
    public static final int PAGE = 4096;

    private final Memory memory;
    private final long start;

    /** Upper half of the addresses that user space sees. */
    private final long upper;

    private final int pages;
    private final BitSet taken = new BitSet();

    ArenaMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.pages = spec.maxEntries();
        this.upper = spec.mapExtra() & ~0xffff_ffffL;
        long size = (long) pages * PAGE;
        this.start = memory.reserve(size, PAGE, "map " + spec.name());
        memory.fill(start, size, (byte) 0);
        memory.add(new Region(Region.Kind.MEMORY, "arena " + spec.name(), start, size, true));
        if (spec.data() != null) {
            memory.write(start, spec.data());
            taken.set(0, (spec.data().length + PAGE - 1) / PAGE);
        }
    }

    /** Address of the first page; the {@code __arena} globals of the object lie there. */
    public long start() {
        return start;
    }

    /**
     * {@code bpf_arena_alloc_pages}.
     *
     * @param address where the pages shall be, or 0 for anywhere
     * @return address of the first page as user space sees it, or 0
     */
    public synchronized long allocate(long address, int count, long flags) {
        if (flags != 0 || count <= 0 || count > pages) {
            return 0;
        }
        int first;
        if (address != 0) {
            long offset = (address & 0xffff_ffffL) - start;
            if (offset < 0 || offset % PAGE != 0 || offset / PAGE > pages - count) {
                return 0;
            }
            first = (int) (offset / PAGE);
            if (!isFree(first, count)) {
                return 0;
            }
        } else {
            first = bestFit(count);
            if (first < 0) {
                return 0;
            }
        }
        taken.set(first, first + count);
        return upper | (start + (long) first * PAGE);
    }

    private boolean isFree(int first, int count) {
        int next = taken.nextSetBit(first);
        return next < 0 || next >= first + count;
    }

    private int bestFit(int count) {
        int best = -1;
        int bestSize = Integer.MAX_VALUE;
        for (int gap = taken.nextClearBit(0); gap < pages; ) {
            int next = taken.nextSetBit(gap);
            int end = next < 0 ? pages : next;
            if (end - gap >= count && end - gap < bestSize) {
                best = gap;
                bestSize = end - gap;
            }
            gap = next < 0 ? pages : taken.nextClearBit(next);
        }
        return best;
    }

    /** {@code bpf_arena_free_pages}: the pages read as zeros from now on. */
    public synchronized void free(long address, int count) {
        long offset = ((address & 0xffff_ffffL) & -PAGE) - start;
        if (count <= 0 || address == 0 || offset < 0) {
            return;
        }
        long first = offset / PAGE;
        long end = Math.min(first + Integer.toUnsignedLong(count), pages);
        for (long page = first; page < end; page++) {
            if (taken.get((int) page)) {
                memory.fill(start + page * PAGE, PAGE, (byte) 0);
                taken.clear((int) page);
            }
        }
    }

    /** {@code bpf_arena_reserve_pages}: keeps allocations away from the pages. */
    public synchronized long reserve(long address, int count) {
        if (count == 0) {
            return 0;
        }
        long offset = (address & 0xffff_ffffL) - start;
        if (offset < 0
                || offset % PAGE != 0
                || offset / PAGE > pages - Integer.toUnsignedLong(count)) {
            return Errno.EINVAL.negative();
        }
        int first = (int) (offset / PAGE);
        if (!isFree(first, count)) {
            return Errno.EBUSY.negative();
        }
        taken.set(first, first + count);
        return 0;
    }

    /** Whether the page of an address is allocated. */
    public synchronized boolean isAllocated(long address) {
        long offset = address - start;
        return offset >= 0 && offset < (long) pages * PAGE && taken.get((int) (offset / PAGE));
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        throw error(Errno.EINVAL, "an arena has no elements");
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        throw error(Errno.EOPNOTSUPP, "an arena has no elements");
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        throw error(Errno.EOPNOTSUPP, "an arena has no elements");
    }

    @Override
    public byte[] nextKey(byte[] key) {
        throw error(Errno.EOPNOTSUPP, "an arena has no elements");
    }
}

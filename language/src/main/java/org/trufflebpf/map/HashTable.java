package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Buckets and chains of a hash map, in the arena. Elements are slots of equal size:
 *
 * <pre>
 *   value, rounded up to 8 | next u32, hash u32, free u32, state u32 | list u32 x 2 | key, rounded up to 8
 * </pre>
 *
 * <p>Lookups take no lock. Slots are recycled while a lookup may stand on them, so a chain ends
 * with the number of its bucket, as the kernel's {@code hlist_nulls} do: who arrives at another
 * bucket's end was led astray and starts again. Changes to a chain are made under the lock of its
 * stripe of buckets.
 */
final class HashTable {
    private static final int MAX_STRIPES = 64;

    /** Stripe locks stand in cache lines of their own. */
    private static final int LOCK_STRIDE = 16;

    private static final int NEXT = 0;
    private static final int HASH = 4;
    private static final int FREE = 8;
    private static final int STATE = 12;
    private static final int LIST_PREV = 16;
    private static final int LIST_NEXT = 20;
    private static final int HEADER = 24;

    private final Memory memory;
    private final HashFunction function;
    private final AtomicIntegerArray locks;
    private final int lockMask;
    private final int mask;
    private final int keySize;
    private final long heads;
    private final long slots;
    private final int stride;
    private final int header;
    private final int key;

    /**
     * Lays out a table.
     *
     * @param inSlot bytes of the value that stand in the slot, 0 for values that stand elsewhere
     * @param extra slots beyond {@code max_entries}
     * @param inRegion whether programs may address the value in the slot
     */
    HashTable(MapSpec spec, MapHost host, int inSlot, int extra, boolean inRegion) {
        this.memory = host.memory().inOrder(ByteOrder.nativeOrder());
        boolean zeroSeed = (spec.flags() & MapFlags.BPF_F_ZERO_SEED) != 0;
        this.keySize = spec.keySize();
        this.function =
                new HashFunction(
                        memory, keySize, zeroSeed ? 0 : host.random().getAsLong(), zeroSeed);
        int buckets = buckets(spec.maxEntries());
        this.mask = buckets - 1;
        int stripes = stripes(spec.maxEntries());
        this.lockMask = stripes - 1;
        this.locks = new AtomicIntegerArray(stripes * LOCK_STRIDE);
        this.header = (int) BpfMap.round8(inSlot);
        this.key = header + HEADER;
        this.stride = key + (int) BpfMap.round8(keySize);
        String what = "map " + spec.name();
        this.heads = memory.reserve(4L * buckets, 64, what);
        this.slots = memory.reserve(((long) spec.maxEntries() + extra) * stride, 64, what);
        memory.fill(heads, 4L * buckets, (byte) 0);
        long size = ((long) spec.maxEntries() + extra) * stride;
        boolean writable = (spec.flags() & MapFlags.BPF_F_RDONLY_PROG) == 0;
        memory.add(
                new Slots(
                        spec.name(),
                        slots,
                        size,
                        stride,
                        inRegion ? inSlot : 0,
                        writable,
                        key,
                        keySize));
    }

    private static int buckets(int maxEntries) {
        return maxEntries <= 1 ? 1 : Integer.highestOneBit(maxEntries - 1) << 1;
    }

    /**
     * Number of stripes of a map, which is also the number of elements that may be replaced at the
     * same time.
     */
    static int stripes(int maxEntries) {
        return Math.min(MAX_STRIPES, buckets(maxEntries));
    }

    /** Slots as a region: values that may be written, keys that may only be read. */
    private static final class Slots extends Region {
        private final int keyOffset;
        private final int keySize;

        Slots(
                String name,
                long start,
                long size,
                int stride,
                int valueSize,
                boolean writable,
                int key,
                int keySize) {
            super(Kind.MAP_VALUE, name, start, size, stride, valueSize, writable);
            this.keyOffset = key;
            this.keySize = keySize;
        }

        @Override
        public boolean contains(long address, long size) {
            long offset = address - start();
            return offset >= 0
                    && size >= 0
                    && offset <= size() - size
                    && offset % stride() <= elementSize() - size;
        }

        @Override
        public boolean allows(long address, long size, boolean write) {
            if (super.allows(address, size, write)) {
                return true;
            }
            long within = spans(address) ? (address - start()) % stride() - keyOffset : -1;
            return !write && size >= 0 && within >= 0 && within <= keySize - size;
        }
    }

    Memory memory() {
        return memory;
    }

    int buckets() {
        return mask + 1;
    }

    int hash(long keyAddress) {
        return function.hash(keyAddress);
    }

    /** The slot that holds a key, or 0. */
    long find(long keyAddress, int hash) {
        int bucket = hash & mask;
        while (true) {
            int link = head(bucket);
            while (link > 0) {
                long slot = slot(link);
                if (memory.getInt(slot + header + HASH) == hash
                        && keyEquals(slot + key, keyAddress)) {
                    return slot;
                }
                link = memory.getIntVolatile(slot + header + NEXT);
            }
            if (link == 0 || link == ~bucket) {
                return 0;
            }
        }
    }

    private boolean keyEquals(long a, long b) {
        if (keySize == 4) {
            return memory.getInt(a) == memory.getInt(b);
        }
        if (keySize == 8) {
            return memory.getLong(a) == memory.getLong(b);
        }
        return memory.equal(a, b, keySize);
    }

    /** Takes the lock of a hash's stripe. */
    void lock(int hash) {
        int at = (hash & lockMask) * LOCK_STRIDE;
        int spins = 0;
        while (!locks.compareAndSet(at, 0, 1)) {
            SpinLock.pause(spins++);
        }
    }

    void unlock(int hash) {
        locks.setRelease((hash & lockMask) * LOCK_STRIDE, 0);
    }

    int stripe(int hash) {
        return hash & lockMask;
    }

    /** Gives a slot its key; only before it is linked. */
    void setKey(long slot, long keyAddress, int hash) {
        memory.putInt(slot + header + HASH, hash);
        ValueFields.copyBytes(memory, keyAddress, slot + key, keySize);
    }

    /** Puts a slot, complete with key and value, at the head of its chain; under the lock. */
    void link(long slot, int hash) {
        int bucket = hash & mask;
        int first = head(bucket);
        memory.putInt(slot + header + NEXT, first == 0 ? ~bucket : first);
        memory.releaseFence();
        memory.putInt(heads + 4L * bucket, linkTo(slot));
    }

    /**
     * Takes a slot out of its chain; false if it is not there. Its own link stays for those that
     * stand on it.
     */
    boolean unlink(long slot, int hash) {
        int bucket = hash & mask;
        int wanted = linkTo(slot);
        long at = heads + 4L * bucket;
        int link = memory.getInt(at);
        while (link > 0 && link != wanted) {
            at = slot(link) + header + NEXT;
            link = memory.getInt(at);
        }
        if (link <= 0) {
            return false;
        }
        memory.releaseFence();
        memory.putInt(at, memory.getInt(slot + header + NEXT));
        return true;
    }

    // ---- walking

    /** First slot of the first chain that is not empty from {@code bucket} on, or 0. */
    long firstFrom(int bucket) {
        for (int i = bucket; i <= mask; i++) {
            int link = head(i);
            if (link > 0) {
                return slot(link);
            }
        }
        return 0;
    }

    /** The slot behind another in its chain, or 0. */
    long next(long slot) {
        int link = memory.getIntVolatile(slot + header + NEXT);
        return link > 0 ? slot(link) : 0;
    }

    /** First slot of a chain, or 0. */
    long first(int bucket) {
        int link = head(bucket);
        return link > 0 ? slot(link) : 0;
    }

    int bucket(int hash) {
        return hash & mask;
    }

    private int head(int bucket) {
        return memory.getIntVolatile(heads + 4L * bucket);
    }

    // ---- slots by index, from 0, and by what links hold

    long slotAt(int index) {
        return slots + (long) index * stride;
    }

    int index(long slot) {
        return (int) ((slot - slots) >>> 3) / (stride >>> 3);
    }

    /** The slot of a link: links are distances from the first slot in units of 8 bytes, plus 1. */
    long slot(int link) {
        return slots - 8 + ((long) link << 3);
    }

    int linkTo(long slot) {
        return (int) ((slot - slots) >>> 3) + 1;
    }

    long key(long slot) {
        return slot + key;
    }

    int hashOf(long slot) {
        return memory.getInt(slot + header + HASH);
    }

    /** Where allocators keep the number of the next free slot. */
    long free(long slot) {
        return slot + header + FREE;
    }

    /** Where the LRU lists keep what they know of a slot. */
    long state(long slot) {
        return slot + header + STATE;
    }

    long listPrev(long slot) {
        return slot + header + LIST_PREV;
    }

    long listNext(long slot) {
        return slot + header + LIST_NEXT;
    }
}

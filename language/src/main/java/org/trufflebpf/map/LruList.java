package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;

/**
 * Who was used when, and who has to go (kernel: {@code struct bpf_lru_list}): an active and an
 * inactive list of elements, each with a bit that a lookup sets, and a list of free ones. The lists
 * run through the slots of the {@link HashTable}; three further slots are their ends. Under the
 * lock of its owner.
 */
final class LruList {
    static final byte ACTIVE = 0;
    static final byte INACTIVE = 1;
    static final byte FREE = 2;
    static final byte LOCAL_FREE = 3;
    static final byte LOCAL_PENDING = 4;

    /** Slots that a list's ends take. */
    static final int ENDS = 3;

    private final HashTable table;
    private final int scans;
    private final int[] counts = new int[2];
    private final int firstEnd;
    private long rotation;

    /** Slots from {@code fresh} to {@code freshEnd} were never used; they count as free. */
    private int fresh;

    private final int freshEnd;

    /**
     * Makes empty lists.
     *
     * @param scans how many elements are looked at before the search gives up
     * @param firstEnd index of the first of {@link #ENDS} slots for the ends
     * @param fresh index of the first slot that belongs to this list
     * @param freshEnd index behind the last
     */
    LruList(HashTable table, int scans, int firstEnd, int fresh, int freshEnd) {
        this.table = table;
        this.scans = scans;
        this.fresh = fresh;
        this.freshEnd = freshEnd;
        this.firstEnd = firstEnd;
        for (int i = 0; i < ENDS; i++) {
            empty(table, end(i));
        }
        this.rotation = end(INACTIVE);
    }

    private long end(int type) {
        return table.slotAt(firstEnd + type);
    }

    // ---- links, also for lists outside this one

    static void empty(HashTable table, long end) {
        int self = table.linkTo(end);
        table.memory().putInt(table.listPrev(end), self);
        table.memory().putInt(table.listNext(end), self);
    }

    static long prev(HashTable table, long slot) {
        return table.slot(table.memory().getInt(table.listPrev(slot)));
    }

    static long next(HashTable table, long slot) {
        return table.slot(table.memory().getInt(table.listNext(slot)));
    }

    /** Inserts a slot behind another, such as the head of a list behind its end. */
    static void insert(HashTable table, long slot, long before) {
        Memory memory = table.memory();
        int self = table.linkTo(slot);
        int after = memory.getInt(table.listNext(before));
        memory.putInt(table.listPrev(slot), table.linkTo(before));
        memory.putInt(table.listNext(slot), after);
        memory.putInt(table.listPrev(table.slot(after)), self);
        memory.putInt(table.listNext(before), self);
    }

    static void remove(HashTable table, long slot) {
        Memory memory = table.memory();
        int before = memory.getInt(table.listPrev(slot));
        int after = memory.getInt(table.listNext(slot));
        memory.putInt(table.listNext(table.slot(before)), after);
        memory.putInt(table.listPrev(table.slot(after)), before);
    }

    static byte type(HashTable table, long slot) {
        return table.memory().getByte(table.state(slot));
    }

    static void setType(HashTable table, long slot, byte type) {
        table.memory().putByte(table.state(slot), type);
    }

    static boolean isReferenced(HashTable table, long slot) {
        return table.memory().getByte(table.state(slot) + 1) != 0;
    }

    static void setReferenced(HashTable table, long slot, boolean referenced) {
        table.memory().putByte(table.state(slot) + 1, (byte) (referenced ? 1 : 0));
    }

    static int cpu(HashTable table, long slot) {
        return table.memory().getShort(table.state(slot) + 2);
    }

    static void setCpu(HashTable table, long slot, int cpu) {
        table.memory().putShort(table.state(slot) + 2, (short) cpu);
    }

    // ---- moves

    /** Moves a slot to the head of one of the three lists, from any list. */
    void move(long slot, byte type) {
        byte old = type(table, slot);
        if (old != type) {
            count(old, -1);
            count(type, 1);
            setType(table, slot, type);
        }
        setReferenced(table, slot, false);
        detach(slot);
        insert(table, slot, end(type));
    }

    private void count(byte type, int change) {
        if (type < FREE) {
            counts[type] += change;
        }
    }

    private void detach(long slot) {
        if (slot == rotation) {
            rotation = prev(table, rotation);
        }
        remove(table, slot);
    }

    private void moveToFree(long slot, long freeEnd, byte freeType) {
        count(type(table, slot), -1);
        setType(table, slot, freeType);
        detach(slot);
        insert(table, slot, freeEnd);
    }

    /** Takes in what waited in a CPU's pending list, the oldest first. */
    void flush(long pendingEnd) {
        long slot = prev(table, pendingEnd);
        while (slot != pendingEnd) {
            long before = prev(table, slot);
            move(slot, isReferenced(table, slot) ? ACTIVE : INACTIVE);
            slot = before;
        }
    }

    // ---- aging

    void rotate() {
        if (counts[INACTIVE] < counts[ACTIVE]) {
            rotateActive();
        }
        rotateInactive();
    }

    /** From the tail: who was used stays for another round, who was not becomes inactive. */
    private void rotateActive() {
        long end = end(ACTIVE);
        long first = next(table, end);
        long slot = prev(table, end);
        for (int i = 0; i < scans && slot != end; i++) {
            long before = prev(table, slot);
            move(slot, isReferenced(table, slot) ? ACTIVE : INACTIVE);
            if (slot == first) {
                break;
            }
            slot = before;
        }
    }

    /** From where the last rotation stopped: who was used becomes active. */
    private void rotateInactive() {
        long end = end(INACTIVE);
        if (next(table, end) == end) {
            return;
        }
        long last = next(table, rotation);
        if (last == end) {
            last = next(table, last);
        }
        long slot = rotation;
        long before = slot;
        int i = 0;
        while (i < scans) {
            if (slot == end) {
                slot = prev(table, slot);
                continue;
            }
            before = prev(table, slot);
            if (isReferenced(table, slot)) {
                move(slot, ACTIVE);
            }
            if (slot == last) {
                break;
            }
            slot = before;
            i++;
        }
        rotation = before;
    }

    /**
     * Evicts up to {@code wanted} elements to a free list; if none can go by the rules, one that
     * was used.
     */
    int shrink(int wanted, long freeEnd, byte freeType) {
        int freed = shrinkInactive(wanted, freeEnd, freeType);
        if (freed > 0) {
            return freed;
        }
        long end = end(next(table, end(INACTIVE)) != end(INACTIVE) ? INACTIVE : ACTIVE);
        for (long slot = prev(table, end); slot != end; slot = prev(table, slot)) {
            if (evict(table, slot)) {
                moveToFree(slot, freeEnd, freeType);
                return 1;
            }
        }
        return 0;
    }

    private int shrinkInactive(int wanted, long freeEnd, byte freeType) {
        int freed = 0;
        long end = end(INACTIVE);
        long slot = prev(table, end);
        for (int i = 0; i < scans && slot != end; i++) {
            long before = prev(table, slot);
            if (isReferenced(table, slot)) {
                move(slot, ACTIVE);
            } else if (evict(table, slot)) {
                moveToFree(slot, freeEnd, freeType);
                freed++;
                if (freed == wanted) {
                    break;
                }
            }
            slot = before;
        }
        return freed;
    }

    /** Takes an element out of the table; false if it is not in it now. */
    static boolean evict(HashTable table, long slot) {
        int hash = table.hashOf(slot);
        table.lock(hash);
        try {
            return table.unlink(slot, hash);
        } finally {
            table.unlock(hash);
        }
    }

    // ---- free slots

    /** Moves up to {@code wanted} free slots to a CPU's list; the number moved. */
    int giveFree(int wanted, long freeEnd) {
        int moved = 0;
        while (moved < wanted) {
            long slot = next(table, end(FREE));
            if (slot != end(FREE)) {
                detach(slot);
            } else if (fresh < freshEnd) {
                slot = table.slotAt(fresh++);
                setReferenced(table, slot, false);
            } else {
                break;
            }
            setType(table, slot, LOCAL_FREE);
            insert(table, slot, freeEnd);
            moved++;
        }
        return moved;
    }

    /**
     * A free slot, moved to the inactive list, after evictions if there is none; 0 if none could
     * go.
     */
    long takeFree(int target) {
        long slot = firstFree();
        if (slot == 0) {
            shrink(target, end(FREE), FREE);
            slot = firstFree();
        }
        if (slot != 0) {
            move(slot, INACTIVE);
        }
        return slot;
    }

    private long firstFree() {
        long slot = next(table, end(FREE));
        if (slot != end(FREE)) {
            return slot;
        }
        if (fresh == freshEnd) {
            return 0;
        }
        slot = table.slotAt(fresh++);
        setType(table, slot, FREE);
        insert(table, slot, end(FREE));
        return slot;
    }
}

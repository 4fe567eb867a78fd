package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Free slots of a {@link HashTable} (kernel: {@code struct pcpu_freelist}): lock-free stacks, and a
 * mark behind which slots were never used, so that untouched memory stays untouched. Slots freed
 * last are taken first.
 */
final class FreeSlots {
    private static final int STACKS = 8;
    private static final int PAD = 8;

    private final HashTable table;
    private final Memory memory;
    private final int count;
    private final AtomicInteger used = new AtomicInteger();

    /** Heads: link to the first slot in the low half, a counter against ABA in the high half. */
    private final AtomicLongArray heads = new AtomicLongArray(STACKS * PAD);

    FreeSlots(HashTable table, int count) {
        this.table = table;
        this.memory = table.memory();
        this.count = count;
    }

    /** A free slot, or 0 when all are in use. */
    long take(int stripe) {
        int own = stripe % STACKS;
        long slot = pop(own);
        if (slot != 0) {
            return slot;
        }
        int mark = used.get();
        while (mark < count) {
            if (used.compareAndSet(mark, mark + 1)) {
                return table.slotAt(mark);
            }
            mark = used.get();
        }
        for (int i = 1; i < STACKS; i++) {
            slot = pop((own + i) % STACKS);
            if (slot != 0) {
                return slot;
            }
        }
        return 0;
    }

    private long pop(int stack) {
        int at = stack * PAD;
        while (true) {
            long head = heads.get(at);
            int link = (int) head;
            if (link == 0) {
                return 0;
            }
            long slot = table.slot(link);
            long rest = Integer.toUnsignedLong(memory.getIntVolatile(table.free(slot)));
            if (heads.compareAndSet(at, head, nextTag(head) | rest)) {
                return slot;
            }
        }
    }

    void give(long slot, int stripe) {
        int at = stripe % STACKS * PAD;
        int link = table.linkTo(slot);
        while (true) {
            long head = heads.get(at);
            memory.putInt(table.free(slot), (int) head);
            if (heads.compareAndSet(at, head, nextTag(head) | link)) {
                return;
            }
        }
    }

    private static long nextTag(long head) {
        return (head & 0xffffffff00000000L) + (1L << 32);
    }
}

package org.trufflebpf.runtime;

import org.trufflebpf.memory.Memory;

import java.util.function.LongConsumer;

/**
 * A {@code bpf_list_head}: a ring of {@code bpf_list_node}s, laid out as the kernel's. Head: next,
 * previous; node: next, previous, owner. Addresses are those of nodes within objects.
 */
public final class GraphList {
    private static final int NEXT = 0;
    private static final int PREVIOUS = 8;
    private static final int OWNER = 16;

    private final Memory memory;
    private final long head;

    public GraphList(Memory memory, long head) {
        this.memory = memory;
        this.head = head;
        if (memory.getLong(head) == 0) {
            memory.putLong(head + NEXT, head);
            memory.putLong(head + PREVIOUS, head);
        }
    }

    /** Puts a node in front or at the back; false if it is in a list already. */
    public boolean push(long node, boolean back) {
        if (!memory.compareAndSetLong(node + OWNER, 0, head)) {
            return false;
        }
        long before = back ? memory.getLong(head + PREVIOUS) : head;
        long after = memory.getLong(before + NEXT);
        memory.putLong(node + NEXT, after);
        memory.putLong(node + PREVIOUS, before);
        memory.putLong(before + NEXT, node);
        memory.putLong(after + PREVIOUS, node);
        return true;
    }

    /** The node in front or at the back, or 0. */
    public long peek(boolean back) {
        long node = memory.getLong(head + (back ? PREVIOUS : NEXT));
        return node == head ? 0 : node;
    }

    /** Takes the node in front or at the back, or 0. */
    public long pop(boolean back) {
        long node = peek(back);
        if (node != 0) {
            long before = memory.getLong(node + PREVIOUS);
            long after = memory.getLong(node + NEXT);
            memory.putLong(before + NEXT, after);
            memory.putLong(after + PREVIOUS, before);
            memory.putLong(node + NEXT, node);
            memory.putLong(node + PREVIOUS, node);
            memory.putLong(node + OWNER, 0);
        }
        return node;
    }

    /** Takes all nodes and gives each to {@code drop}. */
    void clear(LongConsumer drop) {
        for (long node = pop(false); node != 0; node = pop(false)) {
            drop.accept(node);
        }
        memory.putLong(head + NEXT, 0);
        memory.putLong(head + PREVIOUS, 0);
    }
}

package org.trufflebpf.map;

import java.util.Arrays;

/**
 * Where the walk through a trie begins, by the first bits of a key: what the nodes with shorter
 * prefixes would have led to. As many bits as the trie has entries for, so that it takes less
 * memory than they do. Written under the trie's lock, between the counts of its sequence number.
 *
 * <p>An entry has the node to begin at in its low half (0: none) and the last node with a value
 * above that in its high half. It refers to no node whose prefix is longer than the index and
 * begins with other bits, so that a change below one entry concerns only this one.
 */
final class LpmIndex {
    private static final int MIN_BITS = 6;
    private static final int MAX_BITS = 14;

    /** What the index needs to know of the trie's nodes. */
    interface Nodes {
        int root();

        int child(int node, int side);

        /** Length of the prefix. */
        int prefix(int node);

        boolean hasValue(int node);

        /** The first 16 bits of the data. */
        int head(int node);
    }

    private final Nodes nodes;
    private final int bits;
    private final long[] entries;

    LpmIndex(Nodes nodes, int bits) {
        this.nodes = nodes;
        this.bits = bits;
        this.entries = new long[1 << bits];
        refresh(0, 0);
    }

    /** The number of bits for so many entries of a trie, or 0 for no index. */
    static int bitsFor(int entries) {
        int bits = 31 - Integer.numberOfLeadingZeros(Math.max(1, entries));
        return bits < MIN_BITS ? 0 : Math.min(bits, MAX_BITS);
    }

    int bits() {
        return bits;
    }

    /** The entry for keys that begin with these 16 bits. */
    long entry(int head) {
        return entries[head >>> (16 - bits)];
    }

    /** Follows a change of a prefix, given by its first 16 bits and its length. */
    void refresh(int head, int prefix) {
        int known = Math.min(prefix, bits);
        int first = (head >>> (16 - known)) << (bits - known);
        fill(first, first + (1 << (bits - known)), nodes.root(), 0);
    }

    /** Fills entries that have the way to {@code top}, and {@code above}, in common. */
    private void fill(int start, int end, int top, int above) {
        int from = start;
        int to = end;
        int node = top;
        int found = above;
        while (node != 0) {
            int prefix = nodes.prefix(node);
            int head = nodes.head(node);
            int known = Math.min(prefix, bits);
            // the entries that begin with the node's bits, among those to fill
            int low = (head >>> (16 - known)) << (bits - known);
            int high = low + (1 << (bits - known));
            int a = Math.max(from, low);
            int b = Math.min(to, high);
            if (a >= b) {
                break;
            }
            Arrays.fill(entries, from, a, pack(0, found));
            Arrays.fill(entries, b, to, pack(0, found));
            if (prefix >= bits) {
                Arrays.fill(entries, a, b, pack(node, found));
                return;
            }
            if (nodes.hasValue(node)) {
                found = node;
            }
            int middle = low + (high - low) / 2;
            if (a < middle && b > middle) {
                fill(a, middle, nodes.child(node, 0), found);
                fill(middle, b, nodes.child(node, 1), found);
                return;
            }
            node = nodes.child(node, a < middle ? 0 : 1);
            from = a;
            to = b;
        }
        Arrays.fill(entries, from, to, pack(0, found));
    }

    private static long pack(int node, int found) {
        return (long) found << 32 | node;
    }
}

package org.trufflebpf.runtime;

import org.trufflebpf.memory.Memory;

import java.util.function.LongConsumer;

/**
 * A {@code bpf_rb_root}: a red-black tree of {@code bpf_rb_node}s, of the kernel's shape, which
 * programs can see. Root: top node, leftmost node; node: parent with the colour in the lowest bit
 * (1 is black), right, left, owner.
 */
public final class GraphTree {
    private static final int RIGHT = 8;
    private static final int LEFT = 16;
    private static final int OWNER = 24;
    private static final int LEFTMOST = 8;

    /** Whether a node stands before another. */
    @FunctionalInterface
    public interface Less {
        boolean test(long node, long other);
    }

    private final Memory memory;
    private final long root;

    public GraphTree(Memory memory, long root) {
        this.memory = memory;
        this.root = root;
    }

    /** The top node, or 0. */
    public long top() {
        return memory.getLong(root);
    }

    /** The first node, or 0. */
    public long first() {
        return memory.getLong(root + LEFTMOST);
    }

    /** The left child of a node of this tree, or 0. */
    public long left(long node) {
        return owns(node) ? memory.getLong(node + LEFT) : 0;
    }

    /** The right child of a node of this tree, or 0. */
    public long right(long node) {
        return owns(node) ? memory.getLong(node + RIGHT) : 0;
    }

    private boolean owns(long node) {
        return memory.getLong(node + OWNER) == root;
    }

    private long child(long node, int side) {
        return memory.getLong(node + side);
    }

    private void setChild(long node, int side, long child) {
        memory.putLong(node + side, child);
    }

    private long parent(long node) {
        return memory.getLong(node) & ~1L;
    }

    private boolean isBlack(long node) {
        return node == 0 || (memory.getLong(node) & 1) != 0;
    }

    private void setParent(long node, long parent) {
        memory.putLong(node, parent | (memory.getLong(node) & 1));
    }

    private void paint(long node, boolean black) {
        memory.putLong(node, parent(node) | (black ? 1 : 0));
    }

    private static int other(int side) {
        return side == LEFT ? RIGHT : LEFT;
    }

    /** Puts {@code now} where {@code old} hangs. */
    private void replace(long old, long now, long parent) {
        if (parent == 0) {
            memory.putLong(root, now);
        } else {
            setChild(parent, child(parent, LEFT) == old ? LEFT : RIGHT, now);
        }
    }

    /** Turns the link to the child opposite of {@code side} so that the child is on top. */
    private void rotate(long node, int side) {
        long up = child(node, other(side));
        long middle = child(up, side);
        setChild(node, other(side), middle);
        if (middle != 0) {
            setParent(middle, node);
        }
        long above = parent(node);
        replace(node, up, above);
        setParent(up, above);
        setChild(up, side, node);
        setParent(node, up);
    }

    /** Adds a node behind its equals; false if it is in a tree already. */
    public boolean add(long node, Less less) {
        if (!memory.compareAndSetLong(node + OWNER, 0, root)) {
            return false;
        }
        long parent = 0;
        int side = LEFT;
        boolean leftmost = true;
        for (long at = top(); at != 0; at = child(parent, side)) {
            parent = at;
            side = less.test(node, at) ? LEFT : RIGHT;
            leftmost &= side == LEFT;
        }
        memory.putLong(node, parent);
        setChild(node, LEFT, 0);
        setChild(node, RIGHT, 0);
        if (parent == 0) {
            memory.putLong(root, node);
        } else {
            setChild(parent, side, node);
        }
        if (leftmost) {
            memory.putLong(root + LEFTMOST, node);
        }
        balanceAdded(node);
        return true;
    }

    /** No red node below a red one. */
    private void balanceAdded(long added) {
        long node = added;
        while (!isBlack(parent(node)) && parent(node) != 0) {
            long parent = parent(node);
            long grand = parent(parent);
            int side = child(grand, LEFT) == parent ? LEFT : RIGHT;
            long uncle = child(grand, other(side));
            if (!isBlack(uncle)) {
                paint(parent, true);
                paint(uncle, true);
                paint(grand, false);
                node = grand;
                continue;
            }
            if (child(parent, other(side)) == node) {
                rotate(parent, side);
                long swap = node;
                node = parent;
                parent = swap;
            }
            paint(parent, true);
            paint(grand, false);
            rotate(grand, other(side));
        }
        paint(top(), true);
    }

    /** Takes a node out; false if it is not in this tree. */
    public boolean remove(long node) {
        if (!owns(node)) {
            return false;
        }
        if (first() == node) {
            memory.putLong(root + LEFTMOST, next(node));
        }
        long left = child(node, LEFT);
        long right = child(node, RIGHT);
        long parent = parent(node);
        long hole;
        boolean lostBlack;
        long filler;
        if (left != 0 && right != 0) {
            long successor = right;
            while (child(successor, LEFT) != 0) {
                successor = child(successor, LEFT);
            }
            filler = child(successor, RIGHT);
            lostBlack = isBlack(successor);
            hole = parent(successor);
            if (hole == node) {
                hole = successor;
            } else {
                setChild(hole, LEFT, filler);
                if (filler != 0) {
                    setParent(filler, hole);
                }
                setChild(successor, RIGHT, right);
                setParent(right, successor);
            }
            setChild(successor, LEFT, left);
            setParent(left, successor);
            replace(node, successor, parent);
            memory.putLong(successor, memory.getLong(node));
        } else {
            filler = left != 0 ? left : right;
            lostBlack = isBlack(node);
            hole = parent;
            replace(node, filler, parent);
            if (filler != 0) {
                setParent(filler, parent);
            }
        }
        if (lostBlack) {
            balanceRemoved(filler, hole);
        }
        memory.putLong(node, node);
        memory.putLong(node + OWNER, 0);
        return true;
    }

    private long next(long node) {
        long at = child(node, RIGHT);
        if (at != 0) {
            while (child(at, LEFT) != 0) {
                at = child(at, LEFT);
            }
            return at;
        }
        at = node;
        while (parent(at) != 0 && child(parent(at), RIGHT) == at) {
            at = parent(at);
        }
        return parent(at);
    }

    /** All ways down have as many black nodes: the one through {@code short} lacks one. */
    private void balanceRemoved(long shortNode, long above) {
        long node = shortNode;
        long parent = above;
        while (parent != 0 && isBlack(node)) {
            int side = child(parent, LEFT) == node ? LEFT : RIGHT;
            long sibling = child(parent, other(side));
            if (!isBlack(sibling)) {
                paint(sibling, true);
                paint(parent, false);
                rotate(parent, side);
                sibling = child(parent, other(side));
            }
            if (isBlack(child(sibling, LEFT)) && isBlack(child(sibling, RIGHT))) {
                paint(sibling, false);
                node = parent;
                parent = parent(node);
                continue;
            }
            if (isBlack(child(sibling, other(side)))) {
                paint(child(sibling, side), true);
                paint(sibling, false);
                rotate(sibling, other(side));
                sibling = child(parent, other(side));
            }
            paint(sibling, isBlack(parent));
            paint(parent, true);
            paint(child(sibling, other(side)), true);
            rotate(parent, side);
            node = top();
            parent = 0;
        }
        if (node != 0) {
            paint(node, true);
        }
    }

    /** Takes all nodes and gives each to {@code drop}. */
    void clear(LongConsumer drop) {
        for (long node = first(); node != 0; node = first()) {
            remove(node);
            drop.accept(node);
        }
    }
}

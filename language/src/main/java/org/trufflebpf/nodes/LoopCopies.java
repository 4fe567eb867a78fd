package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;

import org.trufflebpf.cfg.Block;

import java.util.Arrays;

/**
 * Which loops of a function compiled code has several copies of, one behind the other. An index is
 * that of a block plus, in copy {@code n}, {@code n} times the number of blocks. Whatever edge
 * there is, {@link #follow} leads to a copy of its target, so that a wrong idea of what is a loop
 * costs speed and nothing else; an edge backwards leads to the next copy, from the last to the
 * first.
 */
final class LoopCopies {
    /** Instructions of all copies of a loop. */
    private static final int BUDGET = 64;

    private static final int MAX_COPIES = 4;
    private static final int NONE = -1;

    private final int blocks;

    /** For each block the first of the loop it belongs to, or {@link #NONE}. */
    @CompilationFinal(dimensions = 1)
    private final int[] loop;

    /** For each block the number of copies. */
    @CompilationFinal(dimensions = 1)
    private final int[] copies;

    LoopCopies(BlockNode[] nodes) {
        this.blocks = nodes.length;
        this.loop = new int[blocks];
        this.copies = new int[blocks];
        Arrays.fill(loop, NONE);
        for (int last = 0; last < blocks; last++) {
            int first = Math.max(head(nodes[last].taken, last), head(nodes[last].next, last));
            if (first != NONE) {
                add(nodes, first, last);
            }
        }
    }

    private static int head(int target, int from) {
        return target != Block.EXIT && target <= from ? target : NONE;
    }

    /** Copies a loop unless it contains another one that is copied, or is too large. */
    private void add(BlockNode[] nodes, int first, int last) {
        // a block that only jumps counts too
        int insns = last - first + 1;
        for (int i = first; i <= last; i++) {
            insns += nodes[i].length();
            if ((loop[i] != NONE && loop[i] != first) || insns > BUDGET / 2) {
                return;
            }
        }
        Arrays.fill(loop, first, last + 1, first);
        Arrays.fill(copies, first, last + 1, Math.min(MAX_COPIES, BUDGET / insns));
    }

    int block(int index) {
        return index % blocks;
    }

    /** The index behind an edge from {@code index} to a block; above it in the next copy. */
    int follow(int index, int target) {
        int from = index % blocks;
        if (loop[from] == NONE || loop[target] != loop[from]) {
            return target;
        }
        int copy = index / blocks;
        if (target <= from) {
            copy = copy + 1 < copies[from] ? copy + 1 : 0;
        }
        return target + copy * blocks;
    }
}

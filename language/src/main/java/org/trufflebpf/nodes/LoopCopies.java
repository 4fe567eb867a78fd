package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;

import org.trufflebpf.cfg.Block;
import org.trufflebpf.cfg.InnerLoops;

import java.util.Arrays;

/**
 * Which loops of a function compiled code has several copies of, one behind the other. An index is
 * that of a block plus, in copy {@code n}, {@code n} times the number of blocks. Whatever edge
 * there is, {@link #follow} leads to a copy of its target; the edge to a loop's header leads to the
 * next copy, from the last to the first.
 */
final class LoopCopies {
    /** Instructions and blocks of all copies of a loop. */
    private static final int BUDGET = 128;

    /**
     * Instructions and blocks of all copies of all loops of a function. The compiler needs more
     * than twice the time for twice the code, and gives up where a phase of its own takes too long.
     */
    private static final int FUNCTION_BUDGET = 4096;

    private static final int MAX_COPIES = 8;

    private final int blocks;

    /** For each block the header of the loop it belongs to, or {@link InnerLoops#NONE}. */
    @CompilationFinal(dimensions = 1)
    private final int[] loop;

    /** For each header the number of copies. */
    @CompilationFinal(dimensions = 1)
    private final int[] copies;

    LoopCopies(BlockNode[] nodes) {
        this.blocks = nodes.length;
        int[] taken = new int[blocks];
        int[] next = new int[blocks];
        int[] sizes = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            taken[i] = nodes[i].branches() ? nodes[i].taken : Block.EXIT;
            next[i] = nodes[i].next;
            // a block that only jumps counts too; a call stands for all that may be inlined
            sizes[i] = nodes[i].calls() ? BUDGET : nodes[i].length() + 1;
        }
        this.loop = InnerLoops.find(taken, next, sizes, BUDGET / 2);
        int[] insns = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            if (loop[i] != InnerLoops.NONE) {
                insns[loop[i]] += sizes[i];
            }
        }
        int most =
                Math.clamp(
                        FUNCTION_BUDGET / Math.max(1, Arrays.stream(insns).sum()), 1, MAX_COPIES);
        this.copies =
                Arrays.stream(insns)
                        .map(size -> size == 0 ? 1 : Math.min(most, BUDGET / size))
                        .toArray();
    }

    int block(int index) {
        return index % blocks;
    }

    /** The index behind an edge from {@code index} to a block. */
    int follow(int index, int target) {
        int header = loop[index % blocks];
        if (header == InnerLoops.NONE || loop[target] != header) {
            return target;
        }
        int copy = index / blocks;
        if (target == header) {
            copy = copy + 1 < copies[header] ? copy + 1 : 0;
        }
        return target + copy * blocks;
    }
}

package org.trufflebpf.cfg;

import java.util.List;

/**
 * A function (subprogram) as basic blocks; the first is the entry.
 *
 * @param index position among the functions of the program, 0 for the entry program
 * @param name its symbol, or {@code subprog_N}
 * @param start index of its first slot in the program
 * @param blocks the blocks that can be reached
 */
public record Function(int index, String name, int start, List<Block> blocks) {
    public Function {
        blocks = List.copyOf(blocks);
    }
}

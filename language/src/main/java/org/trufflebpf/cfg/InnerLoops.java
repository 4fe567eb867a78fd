package org.trufflebpf.cfg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The small innermost loops of a function: natural loops, that is the header, which dominates all
 * of it, and the blocks from which its back edges are reached. Larger loops are not looked at, so
 * that the time is nearly linear in the size of the function.
 */
public final class InnerLoops {
    /** In place of a block's loop: it belongs to none. */
    public static final int NONE = -1;

    private final int[] taken;
    private final int[] next;
    private final int[] sizes;
    private final int maxSize;

    /** Blocks by the order in which they are reached, each after all on some way to it. */
    private final int[] order;

    /** The place of each block in {@link #order}; {@link #NONE} if it is never reached. */
    private final int[] place;

    private final int[][] predecessors;
    private final int[] dominator;
    private final int[] header;

    private InnerLoops(int[] taken, int[] next, int[] sizes, int maxSize) {
        this.taken = taken;
        this.next = next;
        this.sizes = sizes;
        this.maxSize = maxSize;
        int blocks = sizes.length;
        this.place = new int[blocks];
        this.order = order();
        this.predecessors = predecessors();
        this.dominator = dominators();
        this.header = new int[blocks];
        Arrays.fill(header, NONE);
    }

    /**
     * Finds loops.
     *
     * @param taken for each block where its branch leads, or {@link Block#EXIT}
     * @param next for each block which follows otherwise, or {@link Block#EXIT}
     * @param sizes for each block its size, at least 1
     * @param maxSize the size of the largest loop of interest
     * @return for each block the header of its loop, or {@link #NONE}
     */
    public static int[] find(int[] taken, int[] next, int[] sizes, int maxSize) {
        InnerLoops loops = new InnerLoops(taken, next, sizes, maxSize);
        // an inner loop lies behind the header of the outer one
        for (int i = loops.order.length - 1; i >= 0; i--) {
            loops.mark(loops.order[i]);
        }
        return loops.header;
    }

    private void mark(int candidate) {
        List<Integer> body = new ArrayList<>();
        body.add(candidate);
        boolean loops = false;
        int size = sizes[candidate];
        for (int i = 0; i < body.size() && size <= maxSize; i++) {
            for (int from : predecessors[body.get(i)]) {
                // from the header on, only its back edges
                if (i == 0 && !dominates(candidate, from)) {
                    continue;
                }
                loops = true;
                if (size <= maxSize && !body.contains(from)) {
                    body.add(from);
                    size += sizes[from];
                }
            }
        }
        if (loops && size <= maxSize && body.stream().allMatch(block -> header[block] == NONE)) {
            body.forEach(block -> header[block] = candidate);
        }
    }

    private boolean dominates(int block, int other) {
        int at = other;
        while (place[at] > place[block]) {
            at = dominator[at];
        }
        return at == block;
    }

    /** Reverse postorder; a stack of its own, because functions may be long. */
    private int[] order() {
        int blocks = sizes.length;
        int[] stack = new int[blocks];
        int[] ways = new int[blocks];
        int[] reverse = new int[blocks];
        int depth = 1;
        int count = 0;
        Arrays.fill(place, NONE);
        place[0] = 0;
        while (depth > 0) {
            int block = stack[depth - 1];
            int way = ways[block]++;
            if (way == 2) {
                depth--;
                reverse[count++] = block;
                continue;
            }
            int to = way == 0 ? next[block] : taken[block];
            if (to != Block.EXIT && place[to] == NONE) {
                place[to] = 0;
                stack[depth++] = to;
            }
        }
        int[] result = new int[count];
        for (int i = 0; i < count; i++) {
            result[i] = reverse[count - 1 - i];
            place[result[i]] = i;
        }
        return result;
    }

    private int[][] predecessors() {
        int[] counts = new int[sizes.length];
        for (int block : order) {
            count(counts, next[block]);
            count(counts, taken[block]);
        }
        int[][] result = new int[sizes.length][];
        Arrays.setAll(result, block -> new int[counts[block]]);
        for (int block : order) {
            for (int to : new int[] {next[block], taken[block]}) {
                if (to != Block.EXIT) {
                    result[to][--counts[to]] = block;
                }
            }
        }
        return result;
    }

    private static void count(int[] counts, int block) {
        if (block != Block.EXIT) {
            counts[block]++;
        }
    }

    /** Immediate dominators, by Cooper, Harvey and Kennedy. */
    private int[] dominators() {
        int[] result = new int[sizes.length];
        Arrays.fill(result, NONE);
        result[0] = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 1; i < order.length; i++) {
                int block = order[i];
                int common = NONE;
                for (int from : predecessors[block]) {
                    if (result[from] != NONE) {
                        common = common == NONE ? from : meet(result, from, common);
                    }
                }
                changed |= result[block] != common;
                result[block] = common;
            }
        }
        return result;
    }

    private int meet(int[] dominators, int first, int second) {
        int a = first;
        int b = second;
        while (a != b) {
            if (place[a] > place[b]) {
                a = dominators[a];
            } else {
                b = dominators[b];
            }
        }
        return a;
    }
}

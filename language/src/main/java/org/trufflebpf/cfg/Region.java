package org.trufflebpf.cfg;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A part of a function that is too large to be compiled as a whole: some of its blocks in a row.
 *
 * @param first index of its first block
 * @param end index behind its last block
 * @param entries its blocks that are reached from other regions, or where the function begins;
 *     ascending
 * @param exits blocks of other regions that it leads to, and {@link Block#EXIT} if the function may
 *     return in it; ascending
 */
public record Region(int first, int end, List<Integer> entries, List<Integer> exits) {
    public Region {
        entries = List.copyOf(entries);
        exits = List.copyOf(exits);
    }

    public boolean contains(int block) {
        return block >= first && block < end;
    }

    /**
     * Splits a function.
     *
     * @param size instructions of a region at most; a block is never split, however long
     * @return one region if the function is no longer than that
     */
    public static List<Region> split(List<Block> blocks, int size) {
        int[] cuts = new Cuts(blocks, size).find();
        int[] regionOf = new int[blocks.size()];
        List<TreeSet<Integer>> entries = new ArrayList<>();
        List<TreeSet<Integer>> exits = new ArrayList<>();
        for (int i = 0; i + 1 < cuts.length; i++) {
            for (int block = cuts[i]; block < cuts[i + 1]; block++) {
                regionOf[block] = i;
            }
            entries.add(new TreeSet<>());
            exits.add(new TreeSet<>());
        }
        entries.getFirst().add(0);
        for (Block block : blocks) {
            int from = regionOf[block.index()];
            for (int target : block.successors()) {
                if (target == Block.EXIT) {
                    exits.get(from).add(target);
                } else if (regionOf[target] != from) {
                    exits.get(from).add(target);
                    entries.get(regionOf[target]).add(target);
                }
            }
        }
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            regions.add(
                    new Region(
                            cuts[i],
                            cuts[i + 1],
                            List.copyOf(entries.get(i)),
                            List.copyOf(exits.get(i))));
        }
        return regions;
    }

    /**
     * Where to cut: in the second half of what a region may hold, where the fewest loops and then
     * the fewest other edges are cut.
     */
    private static final class Cuts {
        private final int size;
        private final int blocks;

        /** Instructions before each block. */
        private final int[] before;

        /** Back edges that lead over the start of each block. */
        private final int[] loops;

        /** Forward edges that lead over the start of each block. */
        private final int[] edges;

        Cuts(List<Block> list, int size) {
            this.size = size;
            this.blocks = list.size();
            this.before = new int[blocks + 1];
            this.loops = new int[blocks + 1];
            this.edges = new int[blocks + 1];
            for (Block block : list) {
                int from = block.index();
                before[from + 1] = before[from] + block.length();
                for (int to : block.successors()) {
                    if (to > from) {
                        edges[from + 1]++;
                        edges[to + 1]--;
                    } else if (to != Block.EXIT) {
                        loops[to + 1]++;
                        loops[from + 1]--;
                    }
                }
            }
            for (int i = 1; i < blocks; i++) {
                loops[i] += loops[i - 1];
                edges[i] += edges[i - 1];
            }
        }

        /** The first block of each region, and the number of blocks. */
        int[] find() {
            List<Integer> cuts = new ArrayList<>();
            int first = 0;
            while (first < blocks) {
                cuts.add(first);
                first = next(first);
            }
            cuts.add(blocks);
            return cuts.stream().mapToInt(Integer::intValue).toArray();
        }

        private int next(int first) {
            int best = first + 1;
            for (int cut = best; cut <= blocks && before[cut] - before[first] <= size; cut++) {
                if (cut == blocks) {
                    return cut;
                }
                boolean late = before[cut] - before[first] >= size / 2;
                if (!late || isBetter(cut, best) || before[best] - before[first] < size / 2) {
                    best = cut;
                }
            }
            return best;
        }

        private boolean isBetter(int cut, int than) {
            return loops[cut] < loops[than]
                    || (loops[cut] == loops[than] && edges[cut] <= edges[than]);
        }
    }
}

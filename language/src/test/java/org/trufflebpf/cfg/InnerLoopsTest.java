package org.trufflebpf.cfg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class InnerLoopsTest {
    private static final int EXIT = Block.EXIT;
    private static final int NONE = InnerLoops.NONE;

    /** Blocks of size 1 by their edges, taken and next. */
    private static int[] find(int maxSize, int[]... edges) {
        int[] sizes = new int[edges.length];
        Arrays.fill(sizes, 1);
        return InnerLoops.find(
                Arrays.stream(edges).mapToInt(edge -> edge[0]).toArray(),
                Arrays.stream(edges).mapToInt(edge -> edge[1]).toArray(),
                sizes,
                maxSize);
    }

    private static int[] edge(int taken, int next) {
        return new int[] {taken, next};
    }

    @Test
    void straightCodeHasNone() {
        assertArrayEquals(
                new int[] {NONE, NONE, NONE}, find(9, edge(EXIT, 1), edge(2, 2), edge(EXIT, EXIT)));
    }

    @Test
    void blockThatLoopsByItself() {
        assertArrayEquals(
                new int[] {NONE, 1, NONE}, find(9, edge(EXIT, 1), edge(1, 2), edge(EXIT, EXIT)));
    }

    /** As clang lays out a_sort: the inner header comes last, the outer loop's latch in between. */
    @Test
    void innerLoopWhoseHeaderComesLast() {
        assertArrayEquals(
                new int[] {NONE, NONE, NONE, 4, 4, 4, NONE},
                find(
                        9,
                        edge(EXIT, 2), // 0: entry
                        edge(6, 2), // 1: outer latch
                        edge(EXIT, 4), // 2: outer header
                        edge(4, 1), // 3: inner latch
                        edge(3, 5), // 4: inner header
                        edge(EXIT, 3), // 5
                        edge(EXIT, EXIT)));
    }

    @Test
    void loopThatIsTooLarge() {
        assertArrayEquals(
                new int[] {NONE, NONE, NONE, NONE},
                find(1, edge(EXIT, 1), edge(EXIT, 2), edge(1, 3), edge(EXIT, EXIT)));
    }

    /** Two entries: no natural loop. */
    @Test
    void irreducibleLoop() {
        assertArrayEquals(
                new int[] {NONE, NONE, NONE, NONE},
                find(9, edge(2, 1), edge(EXIT, 2), edge(1, 3), edge(EXIT, EXIT)));
    }

    /** Dead blocks belong to nothing and are not looked at. */
    @Test
    void blockThatIsNeverReached() {
        assertArrayEquals(
                new int[] {NONE, NONE, 2, NONE},
                find(9, edge(EXIT, 2), edge(2, 2), edge(2, 3), edge(EXIT, EXIT)));
    }

    @Test
    void longFunction() {
        int blocks = 100_000;
        int[][] edges = new int[blocks][];
        int[] expected = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            boolean last = i == blocks - 1;
            edges[i] = i % 2 == 0 ? edge(i, i + 1) : edge(EXIT, last ? EXIT : i + 1);
            expected[i] = i % 2 == 0 ? i : NONE;
        }
        assertArrayEquals(expected, find(9, edges));
    }
}

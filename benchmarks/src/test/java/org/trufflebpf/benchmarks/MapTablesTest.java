package org.trufflebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The tables of map operations and of memory: that they measure what they say. */
class MapTablesTest {
    @Test
    void threadsRunAtOnceOnTheSameMap() throws IOException {
        GuestEngine engine = new GuestEngine(GuestEngine.Mode.INTERPRETER);
        try (Engine.Loaded object =
                engine.load(
                        "c01_ops_1",
                        BenchProgram.resource("c01_ops_1.o"),
                        MapContents.operations(1))) {
            byte[] input = OperationTable.input(1, 0);
            ParallelRunner both =
                    new ParallelRunner(
                            List.of(
                                    object.runner("op_atomic_add", input, 0),
                                    object.runner("op_atomic_add", input, 1)));
            assertTrue(both.measure(100) > 0);
            assertEquals(2, both.once().retval());
        }
    }

    @Test
    void threadsDrawDifferentKeys() {
        byte[] first = OperationTable.input(1000, 0);
        byte[] second = OperationTable.input(1000, 1);
        assertFalse(Arrays.equals(first, second));
    }

    @Test
    void arraysTakeTheirValuesAndHashesMore() throws IOException {
        int entries = 1 << 18;
        for (MapMemory.Row row : MapMemory.measure(entries)) {
            String text = row.toString();
            // what else lives in the host's heap disturbs by a few bytes per entry at most
            assertTrue(row.ours() > 4 && row.ours() < 160, text);
            assertTrue(Double.isNaN(row.kernel()) || row.kernel() >= 8, text);
        }
    }
}

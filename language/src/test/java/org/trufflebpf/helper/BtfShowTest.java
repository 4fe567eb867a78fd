package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Values by their types; how they look in general is pinned by the fixture suite/show. */
class BtfShowTest {
    private final BtfBuilder types = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
    private final int number = types.integer("int", 4, 1);
    private final int pointer = types.pointer(number);
    private final int struct =
            types.struct("pair", 16, false, "first", number, 0, "second", pointer, 64);
    private final Btf btf = types.build();
    private final Bench bench = new Bench(ProgramType.TRACING, "{}", btf);

    private long pair(long first, long second) {
        long pair = bench.buffer(16);
        bench.memory.putLong(pair, first);
        bench.memory.putLong(pair + 8, second);
        return pair;
    }

    private long argument(long value, int type) {
        long argument = bench.buffer(16);
        bench.memory.putLong(argument, value);
        bench.memory.putLong(argument + 8, type);
        return argument;
    }

    private String printed() {
        return new String(bench.run.output().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void printsToTheFileOfAnIterator() {
        long file = bench.machine.handles().register("file");
        long argument = argument(pair(-3, 0x1000), struct);
        assertEquals(0, bench.call("seq_printf_btf", file, argument, 16, BtfShow.PTR_RAW));
        assertEquals(
                """
                (struct pair){
                 .first = (int)-3,
                 .second = (int *)0x0000000000001000,
                }
                """,
                printed());
        assertEquals(-22, bench.call("seq_printf_btf", file, argument, 15, 0));
        assertEquals(-22, bench.call("seq_printf_btf", file, argument, 16, 16));
    }

    /** The same pointer looks the same each time, and not like itself. */
    @Test
    void pointersAreHashed() {
        long file = bench.machine.handles().register("file");
        long argument = argument(pair(0, 0x1234_5678_9abcL), struct);
        for (int i = 0; i < 2; i++) {
            bench.call("seq_printf_btf", file, argument, 16, BtfShow.COMPACT);
        }
        String text = printed();
        assertEquals(text.substring(0, text.length() / 2), text.substring(text.length() / 2));
        assertTrue(
                text.matches(
                        "(\\(struct pair\\)\\{\\.second = \\(int \\*\\)0x0{8}[0-9a-f]{8},}){2}"),
                text);
        assertTrue(!text.contains("56789abc"), text);
    }

    @Test
    void withoutTypesNothingCanBeShown() {
        Bench none = new Bench(ProgramType.TRACING, "{}");
        long text = none.buffer(8);
        long argument = none.buffer(16);
        none.memory.putLong(argument + 8, 1);
        assertThrows(BpfException.class, () -> none.call("snprintf_btf", text, 8, argument, 16, 0));
    }
}

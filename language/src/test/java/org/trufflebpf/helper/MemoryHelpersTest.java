package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Environment;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.WorldReader;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Helpers that read and write memory, strings and numbers; callbacks, clocks and the current task.
 */
class MemoryHelpersTest {
    private final Bench bench = new Bench(ProgramType.KPROBE).enter(null, null);

    @Test
    void probeReadZeroesWhatItCannotRead() {
        long buffer = bench.buffer(8);
        assertEquals(-34, bench.call("probe_read_kernel", buffer, 8, 0));
        assertEquals(0, bench.memory.getLong(buffer));
        assertEquals(-14, bench.call("probe_read_kernel", buffer, 8, 0xffff888000000000L));
        assertEquals(-14, bench.call("probe_read_user", buffer, 8, 0));
        assertEquals(-14, bench.call("probe_read", buffer, 8, 8));
        long source = bench.string("abcdefg");
        assertEquals(0, bench.call("probe_read_kernel", buffer, 8, source));
        assertEquals("abcdefg", bench.textAt(buffer));
        // as the kernel does it: the address comes before the size
        assertEquals(-34, bench.call("probe_read_kernel", buffer, 0, 0));
        assertEquals(0, bench.call("probe_read_kernel", buffer, 0, source));
    }

    @Test
    void probeReadStrCutsAndCounts() {
        long buffer = bench.buffer(16);
        assertEquals(4, bench.call("probe_read_kernel_str", buffer, 16, bench.string("abc")));
        assertEquals("abc", bench.textAt(buffer));
        assertEquals(3, bench.call("probe_read_kernel_str", buffer, 3, bench.string("abcdef")));
        assertEquals("ab", bench.textAt(buffer));
        assertEquals(1, bench.call("probe_read_str", buffer, 1, bench.string("abcdef")));
        assertEquals(-34, bench.call("probe_read_kernel_str", buffer, 16, 8));
    }

    @ParameterizedTest
    @CsvSource({
        "'123', 0, 3, 123",
        "'  -123 ', 0, 6, -123",
        "'0x1F', 0, 4, 31",
        "'0x1F', 16, 4, 31",
        "'1F', 16, 2, 31",
        "'077', 0, 3, 63",
        "'77', 8, 2, 63",
        "'0x', 0, 1, 0",
        "'0x', 16, -22, 0",
        "'+5', 0, -22, 0",
        "'', 0, -22, 0",
        "'-', 0, -22, 0",
        "'abc', 10, -22, 0",
        "'5', 7, -22, 0",
        "'5', 32, -22, 0",
        "'9223372036854775807', 0, 19, 9223372036854775807",
        "'9223372036854775808', 0, -34, 0",
        "'-9223372036854775808', 0, 20, -9223372036854775808",
        "'18446744073709551616', 0, -34, 0",
    })
    void strtol(String text, long flags, long result, long value) {
        long out = bench.buffer(8);
        assertEquals(
                result, bench.call("strtol", bench.string(text), text.length() + 1, flags, out));
        assertEquals(value, bench.memory.getLong(out));
    }

    @Test
    void strtoul() {
        long out = bench.buffer(8);
        assertEquals(20, bench.call("strtoul", bench.string("18446744073709551615"), 20, 10, out));
        assertEquals(-1, bench.memory.getLong(out));
        assertEquals(-22, bench.call("strtoul", bench.string("-1"), 2, 10, out));
    }

    @Test
    void strncmp() {
        assertEquals(0, bench.call("strncmp", bench.string("abc"), 3, bench.string("abcd")));
        assertEquals(-1, bench.call("strncmp", bench.string("abc"), 4, bench.string("abcd")));
        assertEquals(1, bench.call("strncmp", bench.string("b"), 1, bench.string("a")));
    }

    @Test
    void csumDiff() {
        long from = bench.constant(new byte[] {1, 2, 3, 4});
        long to = bench.constant(new byte[] {5, 6, 7, 8, 9, 10});
        assertEquals(
                0x0605 + 0x0807 + 0x0a09,
                bench.callAs(ProgramType.XDP, "csum_diff", 0, 0, to, 6, 0));
        assertEquals(5, bench.callAs(ProgramType.XDP, "csum_diff", 0, 0, 0, 0, 5));
        assertEquals(0x0201 + 0x0403, bench.callAs(ProgramType.XDP, "csum_diff", 0, 0, from, 4, 0));
        assertEquals(0xffff - 0x0604, bench.callAs(ProgramType.XDP, "csum_diff", from, 4, 0, 0, 0));
    }

    @Test
    void tracePrintk() {
        long format = bench.string("%d %s %x\n");
        assertEquals(11, bench.call("trace_printk", format, 10, -5, bench.string("text"), 0xab));
        assertEquals(-22, bench.call("trace_printk", format, 9, 1, 2, 3));
        assertEquals(List.of("-5 text ab"), bench.run.trace());
        long args = bench.buffer(32);
        for (int i = 0; i < 4; i++) {
            bench.memory.putLong(args + 8L * i, i);
        }
        assertEquals(7, bench.call("trace_vprintk", bench.string("%d %d %d %d"), 12, args, 32));
        assertEquals(-22, bench.call("trace_vprintk", bench.string("%d"), 3, args, 12));
    }

    @Test
    void snprintfCutsAndCounts() {
        long buffer = bench.buffer(8);
        long args = bench.buffer(8);
        bench.memory.putLong(args, 1234567890);
        assertEquals(11, bench.call("snprintf", buffer, 8, bench.string("%d"), args, 8));
        assertEquals("1234567", bench.textAt(buffer));
    }

    @Test
    void loopStopsAtTheFirstOne() {
        List<Long> seen = new ArrayList<>();
        Bench looping =
                new Bench(
                        ProgramType.KPROBE,
                        ByteOrder.LITTLE_ENDIAN,
                        Environment.DEFAULT,
                        (run, function, i, ctx, r3, r4, r5) -> {
                            seen.add(i);
                            return i == 3 ? 1 : 0;
                        });
        long function = looping.machine.handles().register("function");
        assertEquals(4, looping.call("loop", 10, function, 0, 0));
        assertEquals(List.of(0L, 1L, 2L, 3L), seen);
        assertEquals(-22, looping.call("loop", 10, function, 0, 1));
        assertEquals(0xfffffff9L, looping.call("loop", (1 << 23) + 1, function, 0, 0));
        BpfException e =
                assertThrows(BpfException.class, () -> looping.call("loop", 10, 1234, 0, 0));
        assertTrue(e.getMessage().contains("expected a function of the program"), e.getMessage());
    }

    @Test
    void clockAndTaskAreTheEnvironments() {
        Environment environment =
                new Environment(
                        4,
                        1,
                        5_000_000_000L,
                        1 << 24,
                        WorldReader.read(
                                "env.json",
                                """
                                {"tasks": [{"pid": 7, "tgid": 6, "uid": 1000, "gid": 100,
                                            "comm": "worker"}]}
                                """),
                        0);
        Bench fixed = new Bench(ProgramType.KPROBE, ByteOrder.BIG_ENDIAN, environment, null);
        for (String clock : List.of("ktime_get_ns", "ktime_get_boot_ns", "ktime_get_tai_ns")) {
            assertEquals(5_000_000_000L, fixed.call(clock));
        }
        assertEquals(0xffffffffL - 300 * 250 + 1 + 1250, fixed.call("jiffies64"));
        assertEquals(6L << 32 | 7, fixed.call("get_current_pid_tgid"));
        assertEquals(100L << 32 | 1000, fixed.call("get_current_uid_gid"));
        assertEquals(0, fixed.call("get_smp_processor_id"));
        long buffer = fixed.buffer(16);
        assertEquals(0, fixed.call("get_current_comm", buffer, 16));
        assertEquals("worker", fixed.textAt(buffer));
        assertEquals(0, fixed.call("get_current_comm", buffer, 4));
        assertEquals("wor", fixed.textAt(buffer));
    }

    @Test
    void numbersIterate() {
        long iterator = bench.buffer(8);
        assertEquals(0, bench.kfunc("bpf_iter_num_new", iterator, -1, 2));
        for (int i = -1; i < 2; i++) {
            long next = bench.kfunc("bpf_iter_num_next", iterator);
            assertEquals(i, bench.memory.getInt(next));
        }
        assertEquals(0, bench.kfunc("bpf_iter_num_next", iterator));
        assertEquals(0, bench.kfunc("bpf_iter_num_next", iterator));
        assertEquals(-22, bench.kfunc("bpf_iter_num_new", iterator, 2, 1));
        assertEquals(-7, bench.kfunc("bpf_iter_num_new", iterator, 0, (1 << 23) + 1));
        bench.kfunc("bpf_iter_num_destroy", iterator);
    }

    @Test
    void stringsOfKernelFunctions() {
        long text = bench.string("hello");
        assertEquals(5, bench.kfunc("bpf_strlen", text));
        assertEquals(3, bench.kfunc("bpf_strnlen", text, 3));
        assertEquals(2, bench.kfunc("bpf_strchr", text, 'l'));
        assertEquals(-2, bench.kfunc("bpf_strchr", text, 'x'));
        assertEquals(-2, bench.kfunc("bpf_strnchr", text, 2, 'l'));
        assertEquals(-1, bench.kfunc("bpf_strcmp", text, bench.string("help")));
        assertEquals(-34, bench.kfunc("bpf_strlen", 0));
    }

    @Test
    void unknownKernelFunctionsAreNamed() {
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> KfuncTable.require("bpf_key_put", ProgramType.XDP));
        assertEquals(
                "kernel function bpf_key_put is not implemented: needs a key of the kernel's key"
                        + " rings",
                e.getMessage());
        assertEquals(
                "kernel function scx_bpf_dsq_insert___v2 is not implemented: needs the kernel's"
                        + " scheduler class sched_ext",
                KfuncTable.refusal("scx_bpf_dsq_insert___v2"));
        assertEquals(
                "kernel function bpf_nothing is not implemented: Linux 6.18 has none of that name",
                KfuncTable.refusal("bpf_nothing"));
        assertTrue(KfuncTable.isKnown("bpf_iter_num_new___old"));
    }
}

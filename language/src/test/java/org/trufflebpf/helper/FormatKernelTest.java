package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.uapi.ProgramType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/** Formats with arguments: what {@code bpf_snprintf} writes here and in the running kernel. */
class FormatKernelTest {
    private static final int SIZE = 128;
    private static final int BPF_F_RDONLY_PROG = 0x80;

    static Stream<Arguments> formats() {
        return Stream.of(
                format("plain text\n"),
                format("%d %i %u", -5, 6, -7),
                format("%d", 0x1_8000_0000L),
                format("%x %X %lx %llX", 0xbeef, 0xbeef, 0xdeadbeefcafeL, 0xabcdef0123456789L),
                format("%ld %li %lu", Long.MIN_VALUE, 1L << 40, -1),
                format("%lld %lli %llu", -1, 1, -1),
                format("[%5d][%-5d][%05d][%-05d]", 42, 42, 42, 42),
                format("[%+d][% d][%+5d][%+-5d][%+05d]", 7, 7, 7, 7, 7),
                format("[%+d][% d][%05d][%5d]", -7, -7, -7, -7),
                format("[%08x][%8x][%-8X][%08X]", 0xabc, 0xabc, 0xabc, 0xabc),
                format("[%+u][% x]", 5, 5),
                format("[%20lld][%-20lld][%020lld]", -1, -1, -1),
                format("%c%c[%3c][%-3c]", 'a', 'b', 'c', 'd'),
                format("100%% %d%%", 5),
                format("%px %p", 0x123456789abcL, 0),
                format("[%20px][%-20px]", 0x1234, 0x1234),
                format("%pK", 0),
                format("%ps %pS %pB", 0x1234, 0x1234, 0x1234),
                format("[%10ps]", 0x1234),
                format("%pxyz %d", 1, 2),
                format("%pKabc", 0),
                format("%%%d%%%%", 1),
                format("%300d|", 1),
                format("%s", 0),
                format("%pks", 8),
                format("[%10s][%-10s]", 0, 0),
                format("%pi4 %pI4", 0, 0),
                format("%pi6 %pI6", 0, 0),
                format("caf\u00e9 %d", 1),
                format(
                        "%d %d %d %d %d %d %d %d %d %d %d %d",
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    }

    private static Arguments format(String text, long... args) {
        return Arguments.of(text, args);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void sameText(String format, long[] args) {
        assumeTrue(KernelBpf.isPermitted(), () -> "needs the kernel: " + KernelBpf.refusal());
        assertEquals(inKernel(format, args), here(format, args));
    }

    private static String here(String format, long[] args) {
        Bench bench = new Bench(ProgramType.SCHED_CLS);
        long buffer = bench.buffer(SIZE);
        bench.memory.fill(buffer, SIZE, (byte) 0);
        long data = bench.buffer(8 * Math.max(1, args.length));
        for (int i = 0; i < args.length; i++) {
            bench.memory.putLong(data + 8L * i, args[i]);
        }
        long result =
                bench.call("snprintf", buffer, SIZE, bench.string(format), data, 8L * args.length);
        return show(result, bench.memory.read(buffer, SIZE));
    }

    private static String show(long result, byte[] text) {
        return (int) result
                + ": "
                + new String(text, StandardCharsets.ISO_8859_1).replace("\0", "~");
    }

    /**
     * Runs a program that calls the helper with the text in a read-only map; the buffer is a second
     * map's value.
     */
    private static String inKernel(String format, long[] args) {
        byte[] text =
                Arrays.copyOf(format.getBytes(StandardCharsets.ISO_8859_1), format.length() + 1);
        int constant = KernelBpf.mapCreate(2, 4, text.length, 1, BPF_F_RDONLY_PROG, 0);
        int output = KernelBpf.mapCreate(2, 4, SIZE, 1, 0, 0);
        try {
            KernelBpf.mapUpdate(constant, new byte[4], text, 0);
            KernelBpf.mapFreeze(constant);
            Code code = new Code();
            for (int i = 0; i < args.length; i++) {
                code.loadImmediate(1, 0, args[i]);
                code.insn(0x7b, 10, 1, -8 * (args.length - i), 0); // *(u64 *)(r10 - ...) = r1
            }
            code.loadImmediate(1, 2, Integer.toUnsignedLong(output)); // BPF_PSEUDO_MAP_VALUE
            code.insn(0xb7, 2, 0, 0, SIZE);
            code.loadImmediate(3, 2, Integer.toUnsignedLong(constant));
            code.insn(0xbf, 4, 10, 0, 0);
            code.insn(0x07, 4, 0, 0, -8 * args.length);
            if (args.length == 0) {
                code.insn(0xb7, 4, 0, 0, 0);
            }
            code.insn(0xb7, 5, 0, 0, 8 * args.length);
            code.insn(0x85, 0, 0, 0, HelperTable.byName("snprintf").number());
            code.insn(0x95, 0, 0, 0, 0);
            int program =
                    KernelBpf.progLoad(ProgramType.SCHED_CLS.number(), 0, code.bytes(), "GPL", 0);
            try {
                long result = KernelBpf.testRun(program, new byte[64], null, 1, 0, 0).retval();
                return show(result, KernelBpf.mapLookup(output, new byte[4]));
            } finally {
                KernelBpf.close(program);
            }
        } finally {
            KernelBpf.close(constant);
            KernelBpf.close(output);
        }
    }
}

package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Asks the running kernel which helpers a program type may call, and compares with {@link
 * HelperUsers}.
 */
class HelperTypesKernelTest {
    /** Helpers that only some kernels or configurations have. */
    private static final Set<String> OPTIONAL = Set.of("override_return", "probe_write_user");

    static Stream<Arguments> types() {
        return Stream.of(
                Arguments.of(ProgramType.SOCKET_FILTER, new int[] {0}),
                Arguments.of(ProgramType.KPROBE, new int[] {0}),
                Arguments.of(ProgramType.SCHED_CLS, new int[] {0}),
                Arguments.of(ProgramType.SCHED_ACT, new int[] {0}),
                Arguments.of(ProgramType.TRACEPOINT, new int[] {0}),
                Arguments.of(ProgramType.XDP, new int[] {0}),
                Arguments.of(ProgramType.PERF_EVENT, new int[] {0}),
                Arguments.of(ProgramType.CGROUP_SKB, new int[] {0, 1}),
                Arguments.of(ProgramType.CGROUP_SOCK, new int[] {2, 12, 13, 34}),
                Arguments.of(ProgramType.LWT_IN, new int[] {0}),
                Arguments.of(ProgramType.LWT_OUT, new int[] {0}),
                Arguments.of(ProgramType.LWT_XMIT, new int[] {0}),
                Arguments.of(ProgramType.SOCK_OPS, new int[] {3}),
                Arguments.of(ProgramType.SK_SKB, new int[] {4, 5}),
                Arguments.of(ProgramType.CGROUP_DEVICE, new int[] {6}),
                Arguments.of(ProgramType.SK_MSG, new int[] {7}),
                Arguments.of(ProgramType.RAW_TRACEPOINT, new int[] {0}),
                Arguments.of(ProgramType.CGROUP_SOCK_ADDR, new int[] {8, 10, 14, 19, 29, 49}),
                Arguments.of(ProgramType.LWT_SEG6LOCAL, new int[] {0}),
                Arguments.of(ProgramType.SK_REUSEPORT, new int[] {39}),
                Arguments.of(ProgramType.FLOW_DISSECTOR, new int[] {17}),
                Arguments.of(ProgramType.CGROUP_SYSCTL, new int[] {18}),
                Arguments.of(ProgramType.RAW_TRACEPOINT_WRITABLE, new int[] {0}),
                Arguments.of(ProgramType.CGROUP_SOCKOPT, new int[] {21, 22}),
                Arguments.of(ProgramType.SK_LOOKUP, new int[] {36}),
                Arguments.of(ProgramType.NETFILTER, new int[] {45}));
    }

    @ParameterizedTest
    @MethodSource("types")
    void typesAgree(ProgramType type, int[] attachTypes) {
        assumePermitted();
        Set<String> here = new TreeSet<>();
        Set<String> kernel = new TreeSet<>();
        for (HelperRow row : HelperTable.rows()) {
            if (OPTIONAL.contains(row.name())) {
                continue;
            }
            if (row.types().contains(type)) {
                here.add(row.name());
            }
            for (int attachType : attachTypes) {
                if (isAllowed(type, attachType, row.number())) {
                    kernel.add(row.name());
                }
            }
        }
        assertEquals(kernel, here);
    }

    /**
     * The kernel's words for helpers that are refused, which {@link HelperTable#require} uses too.
     */
    @Test
    void wordsAgree() {
        assumePermitted();
        for (int number : List.of(212, 9, 0)) {
            String log = log(ProgramType.XDP, 0, number, "GPL");
            String message = message(() -> HelperTable.require(number, ProgramType.XDP));
            String start = message.replaceFirst(": helpers go.*| \\(type .*", "");
            assertEquals(true, log.contains(start), log);
        }
    }

    @Test
    void gplOnlyAgrees() {
        assumePermitted();
        Set<String> here = new TreeSet<>();
        Set<String> kernel = new TreeSet<>();
        for (HelperRow row : HelperTable.rows()) {
            for (ProgramType type :
                    List.of(ProgramType.KPROBE, ProgramType.SCHED_CLS, ProgramType.XDP)) {
                if (!row.types().contains(type) || OPTIONAL.contains(row.name())) {
                    continue;
                }
                if (row.has(Effect.GPL_ONLY)) {
                    here.add(row.name());
                }
                if (log(type, 0, row.number(), "Proprietary").contains("GPL-restricted")) {
                    kernel.add(row.name());
                }
            }
        }
        assertEquals(kernel, here);
    }

    private static String message(Runnable action) {
        try {
            action.run();
            return "";
        } catch (org.trufflebpf.failure.BpfException e) {
            return e.getMessage();
        }
    }

    private static void assumePermitted() {
        assumeTrue(KernelBpf.isPermitted(), () -> "needs the kernel: " + KernelBpf.refusal());
        String release = System.getProperty("os.version");
        assumeTrue(
                release.startsWith("6.18"), () -> "the table is of Linux 6.18, this is " + release);
    }

    private static boolean isAllowed(ProgramType type, int attachType, int helper) {
        String log = log(type, attachType, helper, "GPL");
        return !log.contains("cannot use helper")
                && !log.contains("invalid func")
                && !log.contains("unknown func");
    }

    /** What the kernel says of a program that calls a helper at once. */
    private static String log(ProgramType type, int attachType, int helper, String license) {
        ByteBuffer insns = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
        insns.put((byte) 0x85).put((byte) 0).putShort((short) 0).putInt(helper);
        insns.put((byte) 0xb7).put((byte) 0).putShort((short) 0).putInt(0);
        insns.put((byte) 0x95).put((byte) 0).putShort((short) 0).putInt(0);
        try {
            KernelBpf.close(
                    KernelBpf.progLoad(type.number(), attachType, insns.array(), license, 0));
            return "";
        } catch (KernelBpfException e) {
            return e.getMessage() + e.log();
        }
    }
}

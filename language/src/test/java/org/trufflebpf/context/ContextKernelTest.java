package org.trufflebpf.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.Bench;
import org.trufflebpf.helper.Code;
import org.trufflebpf.helper.Packets;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * One field of the context, the data and the context that come out, for all kinds of input: here
 * and in the running kernel. Where the kernel refuses the input, it is refused here too.
 */
class ContextKernelTest {
    private static final List<ProgramType> SKB_TYPES =
            List.of(
                    ProgramType.SCHED_CLS,
                    ProgramType.SOCKET_FILTER,
                    ProgramType.CGROUP_SKB,
                    ProgramType.LWT_XMIT,
                    ProgramType.LWT_IN);

    /**
     * What goes in; {@code fields} are pairs of offset and 32-bit value in a context of {@code
     * size} bytes.
     */
    record Input(ProgramType type, byte[] data, int size, int[] fields) {
        byte[] ctx() {
            if (size < 0) {
                return null;
            }
            ByteBuffer ctx = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < fields.length; i += 2) {
                ctx.putInt(fields[i], fields[i + 1]);
            }
            return ctx.array();
        }

        @Override
        public String toString() {
            return type.label()
                    + " "
                    + (data == null ? "no" : data.length)
                    + " bytes, ctx "
                    + size
                    + " "
                    + Arrays.toString(fields);
        }
    }

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (ProgramType type : SKB_TYPES) {
            for (byte[] data :
                    List.of(Packets.TCP, Packets.UDP6, Packets.VLAN, Packets.ARP, Packets.LENGTH)) {
                for (int offset : new int[] {0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 64}) {
                    cases.add(Arguments.of(offset, input(type, data, -1)));
                }
            }
            skbInputs(cases, type);
        }
        for (int offset : new int[] {44, 68, 84, 160, 164, 176}) {
            cases.add(Arguments.of(offset, input(ProgramType.SCHED_CLS, Packets.TCP, -1)));
            cases.add(
                    Arguments.of(
                            offset,
                            input(
                                    ProgramType.SCHED_CLS,
                                    Packets.TCP,
                                    192,
                                    160,
                                    1000,
                                    164,
                                    3,
                                    176,
                                    5)));
        }
        for (int offset : new int[] {12, 16}) {
            cases.add(Arguments.of(offset, input(ProgramType.XDP, Packets.TCP, -1)));
        }
        xdpInputs(cases);
        lookupInputs(cases);
        return cases.stream();
    }

    private static void skbInputs(List<Arguments> cases, ProgramType type) {
        int length = Packets.TCP.length;
        cases.add(
                Arguments.of(
                        8,
                        input(
                                type,
                                Packets.TCP,
                                192,
                                8,
                                0x1234,
                                32,
                                7,
                                36,
                                3,
                                40,
                                1,
                                48,
                                9,
                                64,
                                11)));
        cases.add(Arguments.of(36, input(type, Packets.TCP, 192, 36, 3)));
        cases.add(Arguments.of(8, input(type, Packets.TCP, 12, 8, 5)));
        cases.add(Arguments.of(8, input(type, Packets.TCP, 200)));
        cases.add(Arguments.of(8, input(type, Packets.TCP, 200, 196, 1)));
        for (int field = 0; field < 192; field += 4) {
            cases.add(Arguments.of(0, input(type, Packets.TCP, 192, field, 1)));
        }
        for (int wire : new int[] {length - 15, length - 14, length - 1, length, 65536, 65537}) {
            cases.add(Arguments.of(0, input(type, Packets.TCP, 192, 160, wire)));
        }
        cases.add(Arguments.of(0, input(type, Packets.TCP, 192, 164, 65535)));
        cases.add(Arguments.of(0, input(type, Packets.TCP, 192, 164, 65536)));
        for (int size : new int[] {0, 13, 14, 15, 33, 34, 53, 54, 1500, 3712, 3713}) {
            cases.add(Arguments.of(0, input(type, Arrays.copyOf(Packets.TCP, size), -1)));
            cases.add(Arguments.of(0, input(type, Arrays.copyOf(Packets.UDP6, size), -1)));
            cases.add(Arguments.of(0, input(type, Arrays.copyOf(Packets.ARP, size), -1)));
        }
    }

    private static void xdpInputs(List<Arguments> cases) {
        ProgramType type = ProgramType.XDP;
        int length = Packets.TCP.length;
        for (int meta :
                new int[] {0, 2, 4, 32, 72, 76, 84, 88, 212, 216, 220, 228, 236, 244, 252, 256}) {
            cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 0, meta, 4, length)));
            cases.add(
                    Arguments.of(
                            12, input(type, Arrays.copyOf(Packets.TCP, 400), 24, 0, meta, 4, 400)));
        }
        for (int end : new int[] {0, 1, 13, 14, 60, length, length + 1}) {
            cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, end)));
        }
        cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, length, 8, 4)));
        cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, length, 12, 1)));
        cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, length, 16, 1)));
        cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, length, 12, 1, 16, 1)));
        cases.add(Arguments.of(12, input(type, Packets.TCP, 24, 4, length, 20, 1)));
        cases.add(Arguments.of(12, input(type, Packets.TCP, 8, 4, length)));
        for (int size : new int[] {0, 13, 14, 3520, 3521, 9000, 73152, 73153}) {
            cases.add(Arguments.of(12, input(type, Arrays.copyOf(Packets.TCP, size), -1)));
            cases.add(
                    Arguments.of(
                            12, input(type, Arrays.copyOf(Packets.TCP, size), 24, 0, 8, 4, size)));
        }
    }

    private static void lookupInputs(List<Arguments> cases) {
        ProgramType type = ProgramType.SK_LOOKUP;
        int[] fields = {
            8, 2, 12, 6, 16, 0x0100007f, 20, 5, 36, 0x3930, 40, 0x0200007f, 44, 6, 60, 80
        };
        int[] fields6 = fields.clone();
        fields6[1] = 10;
        for (int offset : new int[] {8, 12, 16, 20, 32, 40, 44, 56, 60, 64}) {
            cases.add(Arguments.of(offset, new Input(type, null, 72, fields)));
            cases.add(Arguments.of(offset, new Input(type, null, 72, fields6)));
        }
        cases.add(Arguments.of(8, input(type, null, -1)));
        cases.add(Arguments.of(8, input(type, null, 72, 8, 3)));
        cases.add(Arguments.of(8, input(type, null, 72, 8, 2, 60, 65536)));
        cases.add(Arguments.of(8, input(type, null, 72, 8, 2, 64, 1)));
        cases.add(Arguments.of(8, input(type, null, 72, 8, 2, 0, 1)));
        cases.add(Arguments.of(8, input(type, Packets.TCP, 72, 8, 2)));
    }

    private static Input input(ProgramType type, byte[] data, int size, int... fields) {
        return new Input(type, data, size, fields);
    }

    @ParameterizedTest(name = "offset {0} of {1}")
    @MethodSource("cases")
    void sameField(int offset, Input input) {
        assumeTrue(KernelBpf.isPermitted(), () -> "needs the kernel: " + KernelBpf.refusal());
        assertEquals(inKernel(offset, input), here(offset, input));
    }

    private static String here(int offset, Input input) {
        try {
            Bench bench = new Bench(input.type()).enter(input.data(), input.ctx());
            int field = bench.memory.getInt(bench.context() + offset);
            RunOutput out = bench.leave(verdict(input, field));
            return show(input, out.retval(), out.dataOut(), out.ctxOut());
        } catch (BpfException e) {
            String message = e.getMessage();
            return message.substring(message.lastIndexOf('(') + 1, message.lastIndexOf(')'));
        }
    }

    /**
     * A socket lookup may only return 0 or 1: whether the field is what it should be is seen by
     * comparing.
     */
    private static int verdict(Input input, int field) {
        return input.type() == ProgramType.SK_LOOKUP ? (field == 0 ? 0 : 1) : field;
    }

    private static String show(Input input, int retval, byte[] data, byte[] ctx) {
        String text = Integer.toHexString(retval);
        if (input.data() != null) {
            text += " data " + HexFormat.of().formatHex(data);
        }
        return ctx == null ? text : text + " ctx " + HexFormat.of().formatHex(ctx);
    }

    private static String inKernel(int offset, Input input) {
        Code code = new Code().insn(0x61, 0, 1, offset, 0);
        int attachType = 0;
        if (input.type() == ProgramType.SK_LOOKUP) {
            attachType = 36;
            code.insn(0x15, 0, 0, 1, 0).insn(0xb7, 0, 0, 0, 1);
        } else if (input.type() == ProgramType.CGROUP_SKB || input.type() == ProgramType.LWT_IN) {
            // their return values are restricted: the field goes through a map
            return viaMap(offset, input);
        }
        return run(
                input,
                KernelBpf.progLoad(
                        input.type().number(), attachType, code.exit().bytes(), "GPL", 0),
                -1);
    }

    private static String viaMap(int offset, Input input) {
        int map = KernelBpf.mapCreate(2, 4, 4, 1, 0, 0);
        try {
            Code code =
                    new Code()
                            .insn(0x61, 6, 1, offset, 0)
                            .loadImmediate(1, 2, map)
                            .insn(0x63, 1, 6, 0, 0)
                            .insn(0xb7, 0, 0, 0, 0);
            int program =
                    KernelBpf.progLoad(input.type().number(), 0, code.exit().bytes(), "GPL", 0);
            return run(input, program, map);
        } finally {
            KernelBpf.close(map);
        }
    }

    private static String run(Input input, int program, int map) {
        try {
            byte[] ctx = input.ctx();
            int ctxRoom = ctx == null ? -1 : 256;
            KernelBpf.TestRun run =
                    KernelBpf.testRun(
                            program,
                            input.data(),
                            ctx,
                            1,
                            0,
                            0,
                            input.data() == null ? -1 : 80000,
                            ctxRoom);
            int retval = (int) run.retval();
            if (map >= 0) {
                retval =
                        ByteBuffer.wrap(KernelBpf.mapLookup(map, new byte[4]))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getInt();
            }
            return show(input, retval, run.dataOut(), run.ctxOut());
        } catch (KernelBpfException e) {
            return KernelBpfException.errnoName(e.errno());
        } finally {
            KernelBpf.close(program);
        }
    }
}

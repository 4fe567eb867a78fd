package org.trufflebpf.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the kernel's verifier about every opcode byte with a grid of operands, and writes one line
 * per opcode: which of these encodings are accepted, which are refused and with what message.
 *
 * <p>Argument: the file to write. Programs are loaded, never run.
 */
public final class EncodingRecorder {
    static final int[] DST = {0, 2, 7, 10, 11};
    static final int[] SRC = {0, 1, 2, 3, 7, 11};
    static final int[] OFF = {-8, 0, 1, 32};
    static final int[] IMM = {0, 1, 16, 64, -1, 0x100, 0x110, 0xf1};

    private static final int PROG_TYPE_SCHED_CLS = 3;
    private static final int PADS = 34;

    private EncodingRecorder() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, Integer> messages = new LinkedHashMap<>();
        StringBuilder lines = new StringBuilder();
        for (int opcode = 0; opcode < 256; opcode++) {
            List<Integer> verdicts = new ArrayList<>();
            for (int dst : DST) {
                for (int src : SRC) {
                    for (int off : OFF) {
                        for (int imm : IMM) {
                            String message = ask(opcode, dst, src, off, imm);
                            verdicts.add(
                                    message == null
                                            ? 0
                                            : messages.computeIfAbsent(
                                                    message, _ -> messages.size() + 1));
                        }
                    }
                }
            }
            lines.append("%02x %s%n".formatted(opcode, runLengths(verdicts)));
        }
        StringBuilder text = new StringBuilder();
        text.append(
                """
                # The kernel's verdict on every opcode with a grid of operands; made by EncodingRecorder.
                # Before the instruction: r6 = r1 (ctx), r7 = r10 - 8, *(u64 *)(r7 + 0) = 0, r0 = r2 = 1,
                # r3 = skb->len, if r3 > 5 goto behind the instruction;
                # r1 is the context; behind it 34 times r0 = 0 (behind opcode 18: a zero slot first), exit. sched_cls.
                # Each line: opcode, then verdicts in run-length form <count>:<code>, for all
                #   dst in 0 2 7 10 11, src in 0 1 2 3 7 11, off in -8 0 1 32, imm in 0 1 16 64 -1 0x100 0x110 0xf1
                # in nested order, dst outermost. Code 0 is "accepted"; the others are (with numbers and registers in
                # messages replaced by N):
                """);
        messages.forEach(
                (message, code) ->
                        text.append("= ").append(code).append(' ').append(message).append('\n'));
        Files.writeString(Path.of(arguments[0]), text.append(lines));
    }

    /** Null if the program is accepted, else the verifier's reason. */
    private static String ask(int opcode, int dst, int src, int off, int imm) {
        ByteBuffer code =
                ByteBuffer.allocate((PADS + 10) * Long.BYTES).order(ByteOrder.nativeOrder());
        insn(code, 0xbf, 6, 1, 0, 0);
        insn(code, 0xbf, 7, 10, 0, 0);
        insn(code, 0x07, 7, 0, 0, -8);
        insn(code, 0x7a, 7, 0, 0, 0);
        insn(code, 0xb7, 0, 0, 0, 1);
        insn(code, 0xb7, 2, 0, 0, 1);
        insn(code, 0x61, 3, 1, 0, 0);
        insn(code, 0x25, 3, 0, opcode == 0x18 ? 2 : 1, 5);
        insn(code, opcode, dst, src, off, imm);
        for (int i = 0; i < PADS; i++) {
            insn(code, opcode == 0x18 && i == 0 ? 0 : 0xb7, 0, 0, 0, 0);
        }
        insn(code, 0x95, 0, 0, 0, 0);
        try {
            KernelBpf.close(KernelBpf.progLoad(PROG_TYPE_SCHED_CLS, 0, code.array(), "GPL", 0));
            return null;
        } catch (KernelBpfException e) {
            return reason(e);
        }
    }

    private static void insn(ByteBuffer code, int opcode, int dst, int src, int off, int imm) {
        code.put((byte) opcode).put((byte) (src << 4 | dst)).putShort((short) off).putInt(imm);
    }

    /** The last line of the log that is not a statistic, with what varies taken out. */
    private static String reason(KernelBpfException e) {
        String reason = "";
        for (String line : e.log().split("\n", -1)) {
            if (!line.isBlank()
                    && !line.startsWith("processed ")
                    && !line.startsWith("verification time")
                    && !line.startsWith("stack depth")) {
                reason = line;
            }
        }
        return KernelBpfException.errnoName(e.errno())
                + " "
                + reason.replaceAll("bpf_\\w+#", "HELPER#")
                        .replaceAll("opcode [0-9a-f]+", "opcode N")
                        .replaceAll("0x[0-9a-f]+|-?\\b[0-9a-f]*\\d[0-9a-f]*\\b|\\bR\\d+", "N")
                        .replaceAll("\\(.*|N: .*", "")
                        .strip();
    }

    private static String runLengths(List<Integer> codes) {
        StringBuilder runs = new StringBuilder();
        for (int i = 0; i < codes.size(); ) {
            int from = i;
            while (i < codes.size() && codes.get(i).equals(codes.get(from))) {
                i++;
            }
            runs.append(i - from).append(':').append(codes.get(from)).append(' ');
        }
        return runs.toString().strip();
    }
}

package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;

import org.trufflebpf.EbpfContext;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.LineInfo;

/** Prints each instruction that runs, with the registers that it changed. */
public final class InsnTracer implements InsnListener {
    private InsnTracer() {}

    /** The listener that prints to the error stream of the context that runs. */
    public static InsnListener create() {
        return new InsnTracer();
    }

    @TruffleBoundary
    static void report(ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome) {
        code.listener().executed(code, insn, before, after, outcome);
    }

    @ExplodeLoop
    static long[] registers(VirtualFrame frame) {
        long[] values = new long[Registers.COUNT];
        for (int i = 0; i < values.length; i++) {
            values[i] = Registers.get(frame, i);
        }
        return values;
    }

    @Override
    public void executed(
            ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome) {
        StringBuilder text = new StringBuilder();
        LineInfo line = code.program().spec().line(insn.index());
        if (line != null && line.insn() == insn.index() && startsLine(code, line)) {
            text.append("; ")
                    .append(line.line().strip())
                    .append(" @ ")
                    .append(line.describe(), 0, line.describe().indexOf(": "))
                    .append('\n');
        }
        String index = Integer.toString(insn.index());
        text.append(" ".repeat(Math.max(0, 6 - index.length()))).append(index).append(": ");
        int start = text.length();
        text.append(insn.toString().replace('\t', ' '));
        if (insn.opcode().kind() == Kind.CALL_HELPER && HelperTable.row(insn.imm()) != null) {
            text.append("  # bpf_").append(HelperTable.row(insn.imm()).name());
        }
        int written = written(insn);
        boolean first = true;
        for (int i = 0; i < after.length; i++) {
            if (before[i] != after[i] || i == written) {
                if (first) {
                    text.repeat(' ', Math.max(1, 40 - (text.length() - start)));
                    first = false;
                } else {
                    text.append(' ');
                }
                text.append('r').append(i).append("=0x").append(Long.toHexString(after[i]));
            }
        }
        if (outcome != null && outcome) {
            text.repeat(' ', Math.max(1, 40 - (text.length() - start))).append("taken");
        }
        EbpfContext.get(null).errorStream().println(text);
    }

    /** Whether the record before is of another line; one line may have several. */
    private static boolean startsLine(ProgramCode code, LineInfo line) {
        LineInfo before = code.program().spec().line(line.insn() - 1);
        return before == null
                || before.lineNumber() != line.lineNumber()
                || !before.file().equals(line.file());
    }

    /** The register that an instruction always writes, or -1. */
    private static int written(Insn insn) {
        return switch (insn.opcode().kind()) {
            case ALU, ADDR_SPACE_CAST, LDX, LDSX, LOAD_ACQUIRE, LDDW -> insn.dst();
            case CALL_HELPER, CALL_SUBPROG, CALL_KFUNC, CALLX, LD_ABS, LD_IND -> Registers.R0;
            default -> -1;
        };
    }
}

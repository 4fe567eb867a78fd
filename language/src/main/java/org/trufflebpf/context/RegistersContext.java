package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Types whose context starts with {@code struct pt_regs}, in the layout of x86-64: kprobes, uprobes
 * and perf events. The registers come as bytes, or as the arguments of the probed function. The
 * kernel has no test run for them.
 */
final class RegistersContext implements ProgramContext {
    /** {@code sizeof(struct pt_regs)} on x86-64. */
    static final int SIZE = 168;

    /** Where the calling convention has the first six arguments: di, si, dx, cx, r8, r9. */
    private static final int[] ARGUMENTS = {112, 104, 96, 88, 72, 64};

    private final int size;

    /** Registers with {@code size - SIZE} more bytes behind them. */
    RegistersContext(int size) {
        this.size = size;
    }

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        byte[] ctx = input.ctx() == null ? new byte[0] : input.ctx();
        if (ctx.length > Run.CONTEXT_SPACE) {
            throw BpfException.usage("ctx_in has " + ctx.length + " bytes, expected " + size);
        }
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + Math.max(size, ctx.length));
        memory.fill(context, Math.max(size, ctx.length), (byte) 0);
        memory.write(context, ctx);
        long[] args = input.args() == null ? new long[0] : input.args();
        if (args.length > ARGUMENTS.length) {
            throw BpfException.usage(
                    args.length
                            + " arguments given, but only "
                            + ARGUMENTS.length
                            + " are in registers");
        }
        for (int i = 0; i < args.length; i++) {
            memory.putLong(context + ARGUMENTS[i], args[i]);
        }
        return context;
    }

    @Override
    public String input() {
        return "ctx_in: struct pt_regs (x86-64"
                + (size > SIZE ? ", then sample_period and addr" : "")
                + "); or up to 6 arguments of the probed function, which go to their registers.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        return new RunOutput((int) r0, r0, null, null);
    }
}

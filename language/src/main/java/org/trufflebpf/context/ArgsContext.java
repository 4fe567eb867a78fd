package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Types whose context is an array of 64-bit arguments: raw tracepoints and what hooks kernel
 * functions. The arguments come as numbers, or as bytes in {@code ctx_in}; the context reaches just
 * as far as what was given.
 */
public final class ArgsContext implements ProgramContext {
    static final ArgsContext INSTANCE = new ArgsContext();

    /** Most arguments ({@code MAX_BPF_FUNC_ARGS}). */
    public static final int MAX_ARGS = 12;

    private static final int SIZE = 8 * MAX_ARGS;

    private ArgsContext() {}

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        int size =
                input.args() != null
                        ? 8 * input.args().length
                        : input.ctx() != null ? input.ctx().length : 0;
        if (size > SIZE) {
            throw BpfException.usage(
                    "the context has "
                            + size
                            + " bytes, expected at most "
                            + MAX_ARGS
                            + " arguments of 8 bytes (EINVAL)");
        }
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + size);
        memory.fill(context, SIZE, (byte) 0);
        if (input.args() != null) {
            for (int i = 0; i < input.args().length; i++) {
                memory.putLong(context + 8L * i, input.args()[i]);
            }
        } else if (input.ctx() != null) {
            memory.write(context, input.ctx());
        }
        return context;
    }

    /** As {@link #enter} for so many arguments, which the caller stores at the address given. */
    public static long enterArguments(Run run, int count) {
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + 8L * count);
        for (int i = count; i < MAX_ARGS; i++) {
            memory.putLong(context + 8L * i, 0);
        }
        return context;
    }

    @Override
    public boolean takesArguments() {
        return true;
    }

    @Override
    public String input() {
        return "up to 12 arguments of 64 bits, as numbers or as the bytes of ctx_in.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        return new RunOutput((int) r0, r0, null, null);
    }
}

package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Run;

/** Syscall programs: the context is memory of the caller, which the program may change in place. */
final class SyscallContext implements ProgramContext {
    private static final int MAX_SIZE = 0xffff;

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        int size = input.ctx() == null ? 0 : input.ctx().length;
        if (size > MAX_SIZE) {
            throw BpfException.usage(
                    "ctx_in has " + size + " bytes, expected at most " + MAX_SIZE + " (EINVAL)");
        }
        long context = run.contextStart();
        run.context().resize(context, context + size);
        if (size > 0) {
            run.memory().write(context, input.ctx());
        }
        return context;
    }

    @Override
    public String input() {
        return "ctx_in: up to 65535 bytes, which come back as the program leaves them.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        byte[] ctx =
                input.ctx() == null
                        ? null
                        : run.memory().read(run.context().start(), input.ctx().length);
        return new RunOutput((int) r0, r0, null, ctx);
    }
}

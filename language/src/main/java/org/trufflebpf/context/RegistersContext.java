package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.Architecture;
import org.trufflebpf.runtime.Run;

/**
 * Types whose context starts with the registers of the machine that the object was compiled for
 * ({@link Architecture}): kprobes, uprobes and perf events. The registers come as bytes, or as the
 * arguments of the probed function, which go where its calling convention has them. The kernel has
 * no test run for them.
 */
final class RegistersContext implements ProgramContext {
    static final RegistersContext PROBE = new RegistersContext(false);
    static final RegistersContext PERF_EVENT = new RegistersContext(true);

    /** Whether sample_period and addr stand behind the registers. */
    private final boolean sampled;

    private RegistersContext(boolean sampled) {
        this.sampled = sampled;
    }

    /** {@code sizeof(struct bpf_perf_event_data)}. */
    static int perfEventSize(Architecture architecture) {
        return ((architecture.size() + 7) & -8) + 16;
    }

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        Architecture architecture = run.instance().architecture();
        int size = sampled ? perfEventSize(architecture) : architecture.size();
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
        if (args.length > architecture.arguments()) {
            throw BpfException.usage(
                    args.length
                            + " arguments given, but "
                            + architecture
                            + " passes only "
                            + architecture.arguments()
                            + " in registers");
        }
        for (int i = 0; i < args.length; i++) {
            MachineRegisters.put(run, context, architecture.argument(i), args[i]);
        }
        return context;
    }

    @Override
    public boolean takesArguments() {
        return true;
    }

    @Override
    public String input() {
        return "ctx_in: the registers, struct pt_regs on x86-64"
                + (sampled ? ", then sample_period and addr" : "")
                + "; or the arguments of the probed function, which go to their registers."
                + " The context comes back.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        byte[] registers = run.memory().read(run.context().start(), (int) run.context().size());
        return new RunOutput((int) r0, r0, null, registers);
    }
}

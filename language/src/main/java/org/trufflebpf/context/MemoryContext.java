package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Run;

/**
 * A context that is plain memory: r1 points to the bytes of {@code ctx_in} (without one: of {@code
 * data_in}), r2 is their number. For programs of unknown type, and for types whose structure the
 * kernel's test run does not make.
 */
public final class MemoryContext implements ProgramContext {
    /** For programs without a type: r2 is the length, and r1 is 0 where there is nothing. */
    static final MemoryContext UNTYPED = new MemoryContext(0);

    private final int size;

    /** A context of at least {@code size} bytes, the rest filled with zeros. */
    MemoryContext(int size) {
        this.size = size;
    }

    @Override
    public long enter(Run run, RunInput input) {
        byte[] bytes = input.ctx() != null ? input.ctx() : input.data();
        int given = bytes == null ? 0 : bytes.length;
        int length = Math.max(size, given);
        if (length > Run.CONTEXT_SPACE) {
            throw BpfException.usage(
                    "the context has " + given + " bytes, expected at most " + Run.CONTEXT_SPACE);
        }
        long context = run.contextStart();
        run.context().resize(context, context + length);
        run.memory().fill(context, length, (byte) 0);
        if (given > 0) {
            run.memory().write(context, bytes);
        }
        return length == 0 ? 0 : context;
    }

    @Override
    public long second(Run run) {
        return size == 0 ? run.context().size() : 0;
    }

    @Override
    public String input() {
        return size == 0
                ? "ctx_in or data_in: any bytes; r2 is their number. They come back."
                : "ctx_in: the bytes of the record, zeros behind them.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        byte[] bytes = run.memory().read(run.context().start(), (int) run.context().size());
        boolean fromData = input.ctx() == null && input.data() != null;
        return new RunOutput(
                (int) r0,
                r0,
                fromData ? bytes : null,
                fromData || bytes.length == 0 ? null : bytes);
    }
}

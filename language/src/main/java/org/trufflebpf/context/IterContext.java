package org.trufflebpf.context;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.runtime.SeqFile;

import java.util.Arrays;
import java.util.Iterator;

/**
 * Iterators: the program is called for each element of a set ({@link IterTarget}), and once more
 * without one. The context is {@code struct bpf_iter__TARGET}: a pointer to {@code struct
 * bpf_iter_meta}, then what the target gives. What the program prints comes back.
 *
 * <p>As in the kernel's reads, an element whose output does not fit is shown again in the next
 * read, and so is one for which the program returns nonzero; a read that has nothing to give ends
 * it.
 */
public final class IterContext implements ProgramContext {
    static final IterContext INSTANCE = new IterContext();

    /** {@code struct bpf_iter_meta}: seq, session_id, seq_num. */
    private static final int META_SIZE = 24;

    private static final int SESSION_ID = 8;
    private static final int SEQ_NUM = 16;

    /** A walk in progress; lives in {@link Run#extension()}. */
    private static final class Walk {
        final IterTarget target;
        final Iterator<long[]> elements;
        final long[] last;
        boolean stopped;

        Walk(IterTarget target, Iterator<long[]> elements, long[] last) {
            this.target = target;
            this.elements = elements;
            this.last = last;
        }
    }

    private IterContext() {}

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        IterTarget target = IterTarget.require(run.program().attachTarget());
        IterTarget.Elements elements = target.elements(run, input.target());
        Walk walk = new Walk(target, elements.all(), elements.last());
        run.setExtension(walk);
        Memory memory = run.memory();
        long meta = run.objectStart();
        run.object().resize(meta, meta + META_SIZE);
        memory.fill(meta, META_SIZE, (byte) 0);
        memory.putLong(meta, run.machine().opaque("seq_file"));
        memory.putLong(meta + SESSION_ID, run.machine().nextSession());
        long context = run.contextStart();
        int size = 8 + 8 * target.slots();
        run.context().resize(context, context + size);
        memory.fill(context, size, (byte) 0);
        memory.putLong(context, meta);
        run.output().mark();
        next(run, walk);
        return context;
    }

    /** Lays out the next element, or that there is none. */
    private static void next(Run run, Walk walk) {
        walk.stopped = !walk.elements.hasNext();
        long[] values = walk.stopped ? walk.last : walk.elements.next();
        for (int i = 0; i < values.length; i++) {
            run.memory().putLong(run.contextStart() + 8 + 8L * i, values[i]);
        }
    }

    @Override
    public boolean isSequence() {
        return true;
    }

    @Override
    public boolean proceed(Run run, long r0) {
        Walk walk = (Walk) run.extension();
        SeqFile file = run.output();
        boolean again = (int) r0 != 0 && !walk.stopped;
        if (again && walk.target.endsOnReturn()) {
            return false;
        }
        if (again || file.overflowed()) {
            boolean overflowed = file.overflowed();
            file.rollBack();
            if (!file.endRead()) {
                run.note(
                        "a read of the iterator's file fails with "
                                + (overflowed ? "E2BIG" : "EAGAIN"));
                return false;
            }
            return true;
        }
        file.mark();
        if (walk.stopped) {
            return false;
        }
        long number = run.objectStart() + SEQ_NUM;
        run.memory().putLong(number, run.memory().getLong(number) + 1);
        next(run, walk);
        return true;
    }

    @Override
    public String input() {
        return "what to walk, by name: "
                + String.join(
                        "; ", Arrays.stream(IterTarget.values()).map(IterTarget::help).toList())
                + ". What the program prints comes back.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        return new RunOutput((int) r0, r0, null, null);
    }
}

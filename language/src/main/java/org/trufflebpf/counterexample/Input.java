package org.trufflebpf.counterexample;

import org.trufflebpf.context.RunInput;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a run starts from. Parts that a program does not take are {@code null}.
 *
 * @param entries what is put into maps before the run
 */
@SuppressWarnings("ArrayRecordComponent")
public record Input(byte[] data, byte[] ctx, long[] args, List<Entry> entries) {
    /** An entry of a map. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Entry(String map, byte[] key, byte[] value) {}

    public Input {
        entries = List.copyOf(entries);
    }

    RunInput run() {
        return new RunInput(data, ctx, args, 1, 0);
    }

    Input withData(byte[] newData) {
        return new Input(newData, ctx, args, entries);
    }

    Input withCtx(byte[] newCtx) {
        return new Input(data, newCtx, args, entries);
    }

    Input withArgs(long[] newArgs) {
        return new Input(data, ctx, newArgs, entries);
    }

    Input without(Entry entry) {
        List<Entry> all = new ArrayList<>(entries);
        all.remove(entry);
        return new Input(data, ctx, args, all);
    }

    /** The same with an entry more, or in the place of one with its key. */
    Input with(Entry entry) {
        List<Entry> all = new ArrayList<>(entries);
        all.removeIf(old -> old.map.equals(entry.map) && Arrays.equals(old.key, entry.key));
        all.add(entry);
        return new Input(data, ctx, args, all);
    }
}

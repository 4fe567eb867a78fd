package org.trufflebpf.counterexample;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramRunner;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.verifier.Verdict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Searches for an input on which a program faults, one that is refused where it was refused. Inputs
 * whose runs took a branch that none before them took are kept and derived from, those that came to
 * the refused instruction first of all.
 */
public final class Search {
    private static final int[] LENGTHS = {64, 14, 20, 34, 42, 54, 128, 256, 1500};
    private static final int[] CONTEXTS = {512, 192, 256, 168, 88, 80, 64, 40, 24, 12, 8, 4, 1};
    private static final int ARGS = 12;

    /** Keys that a run may leave behind in a map before the map is taken as it is. */
    private static final int MAX_KEYS = 4096;

    private final LoadedObject original;
    private final LoadedObject object;
    private final LoadableProgram program;
    private final Predicate<BpfException> wanted;
    private final Trace trace;
    private final Mutator mutator;
    private final SplittableRandom random;
    private final Map<BpfMap, byte[]> initial = new HashMap<>();
    private final Set<Integer> seen = new HashSet<>();
    private final List<Kept> kept = new ArrayList<>();
    private final List<Kept> arrived = new ArrayList<>();
    private int done;

    /** Whether only runs count that came to the target. */
    private boolean needsTarget;

    /** An input worth to derive from, with the comparisons and lookups of its run. */
    private record Kept(Input input, Trace.Observed trace) {}

    /**
     * What was found.
     *
     * @param input the input, or {@code null} where none was found
     * @param fault what happens on it, or {@code null}
     * @param tries inputs that were run
     */
    public record Result(Input input, BpfException fault, int tries) {}

    /**
     * A search for faults of a program.
     *
     * @param object the object as it was opened
     * @param index the program's index in it
     * @param target the instruction that inputs should come to, or -1
     * @param wanted which faults end the search
     * @param listener hears of each instruction of each run, {@code null} for none
     */
    public Search(
            LoadedObject object,
            int index,
            int target,
            Predicate<BpfException> wanted,
            InsnListener listener,
            long seed) {
        this.original = object;
        this.wanted = wanted;
        this.trace = new Trace(object.context().machine(), target, listener);
        this.object = object.watched(trace);
        this.program = this.object.programs().get(index);
        this.random = new SplittableRandom(seed);
        this.mutator = new Mutator(program.spec(), random.nextLong());
    }

    /**
     * Searches for an input on which a refused program faults where it is refused; what is refused
     * for its arithmetic faults behind it, where the pointer is used.
     *
     * @param verdict why it is refused
     * @param tries inputs to run at the most
     */
    public static Result run(
            LoadedObject object, int index, Verdict verdict, int tries, long seed) {
        int target = verdict.insn();
        if (!verdict.kind().isShownByRuns() || target < 0) {
            return new Result(null, null, 0);
        }
        boolean behind = verdict.kind().isArithmetic();
        Search search =
                new Search(
                        object,
                        index,
                        target,
                        fault -> behind || fault.where().insn() == target,
                        null,
                        seed);
        search.needsTarget = behind;
        return search.run(tries);
    }

    /** The maps that the runs work on. */
    public Instance instance() {
        return object.instance();
    }

    /** Runs inputs until one faults as it is wanted to, {@code tries} at the most. */
    public Result run(int tries) {
        copyGlobals();
        for (Input input : first(program.spec())) {
            if (done < tries && tryOut(input) != null) {
                return simplified(input);
            }
        }
        while (done < tries && !kept.isEmpty()) {
            List<Kept> from = arrived.isEmpty() || random.nextInt(4) == 0 ? kept : arrived;
            Kept parent = from.get(random.nextInt(from.size()));
            Input input = mutator.derive(parent.input, parent.trace);
            if (tryOut(input) != null) {
                return simplified(input);
            }
        }
        return new Result(null, null, done);
    }

    /**
     * Without entries that are not needed, and with a zero in place of each byte that may be one.
     */
    private Result simplified(Input found) {
        int tries = done;
        Input input = found;
        for (Input.Entry entry : found.entries()) {
            input = simpler(input, input.without(entry));
        }
        if (input.data() != null) {
            input = simpler(input, input.withData(new byte[input.data().length]));
        }
        for (int i = 0; input.data() != null && i < input.data().length; i++) {
            if (input.data()[i] != 0) {
                byte[] data = input.data().clone();
                data[i] = 0;
                input = simpler(input, input.withData(data));
            }
        }
        for (int i = 0; input.args() != null && i < input.args().length; i++) {
            if (input.args()[i] != 0) {
                long[] args = input.args().clone();
                args[i] = 0;
                input = simpler(input, input.withArgs(args));
            }
        }
        BpfException fault = tryOut(input);
        return fault == null ? new Result(null, null, tries) : new Result(input, fault, tries);
    }

    private Input simpler(Input input, Input candidate) {
        return tryOut(candidate) != null ? candidate : input;
    }

    /** Data sections are part of the input as the user set them. */
    private void copyGlobals() {
        for (int i = 0; i < object.spec().maps().size(); i++) {
            BpfMap map = object.instance().map(i);
            if (map instanceof RefusedMap) {
                continue;
            }
            if (object.spec().maps().get(i).kind() != MapSpec.Kind.DECLARED) {
                byte[] contents = original.instance().map(i).get(new byte[4]);
                initial.put(map, contents);
                map.put(new byte[4], contents, 0);
            }
        }
    }

    /** Random bytes first: what of them a run compares is found again in the input. */
    private List<Input> first(ProgramSpec program) {
        List<Input> inputs = new ArrayList<>();
        if (ProgramContexts.of(program.type()).takesArguments()) {
            inputs.add(new Input(null, null, random.longs(ARGS).toArray(), List.of()));
            inputs.add(new Input(null, null, new long[ARGS], List.of()));
        }
        for (int length : LENGTHS) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            inputs.add(new Input(bytes, null, null, List.of()));
            inputs.add(new Input(new byte[length], null, null, List.of()));
        }
        for (int length : CONTEXTS) {
            inputs.add(new Input(null, new byte[length], null, List.of()));
        }
        inputs.add(new Input(null, null, null, List.of()));
        return inputs;
    }

    /** Runs the program; returns the fault if it is the one that is searched for. */
    private BpfException tryOut(Input input) {
        done++;
        reset();
        trace.begin();
        boolean valid = true;
        try {
            for (Input.Entry entry : input.entries()) {
                object.instance().map(entry.map()).put(entry.key(), entry.value(), 0);
            }
            new ProgramRunner(object.context(), program).run(input.run(), new long[0], true);
        } catch (BpfException e) {
            if (isThere(e)) {
                return e;
            }
            valid = e.phase() == Phase.RUN;
        } catch (MapException e) {
            valid = false;
        }
        if (valid && seen.addAll(trace.branches())) {
            Kept one = new Kept(input, trace.observed());
            (trace.branches().contains(-1) ? arrived : kept).add(one);
            if (kept.isEmpty()) {
                kept.add(one);
            }
        } else if (valid && kept.isEmpty()) {
            kept.add(new Kept(input, trace.observed()));
        }
        return null;
    }

    private boolean isThere(BpfException e) {
        return e.phase() == Phase.RUN
                && e.where().insn() >= 0
                && wanted.test(e)
                && (!needsTarget || trace.branches().contains(-1));
    }

    /** Maps are as they were before the run before. */
    private void reset() {
        for (BpfMap map : object.instance().maps()) {
            byte[] contents = initial.get(map);
            if (contents != null) {
                if (!map.isFrozen()) {
                    map.put(new byte[4], contents, 0);
                }
                continue;
            }
            try {
                switch (map instanceof RefusedMap ? MapType.UNSPEC : map.type()) {
                    case HASH, LRU_HASH, LPM_TRIE -> empty(map);
                    case ARRAY -> zero(map);
                    default -> {}
                }
            } catch (MapException e) {
                // a map that user space may not write stays as it is
            }
        }
    }

    private static void empty(BpfMap map) {
        byte[] key = map.nextKey(null);
        for (int i = 0; key != null && i < MAX_KEYS; i++) {
            map.remove(key);
            key = map.nextKey(null);
        }
    }

    private static void zero(BpfMap map) {
        byte[] key = map.nextKey(null);
        for (int i = 0; key != null && i < MAX_KEYS; i++) {
            map.put(key, new byte[map.valueSize()], 0);
            key = map.nextKey(key);
        }
    }
}

package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which stack slots may be read from an instruction on. Reads and certain writes are noted while
 * paths are walked, apart for each chain of calls; a backward data flow over each function is made
 * anew when it is asked for (kernel: liveness.c). A finished state has had all its reads noted, so
 * what is not live there can be forgotten.
 */
final class StackLiveness {
    private final Env env;
    private final Map<Chain, Instance> instances = new HashMap<>();
    private Instance current;
    private State currentOf;
    private int currentFrames;

    StackLiveness(Env env) {
        this.env = env;
    }

    /** The call sites that lead to a function, and the function. */
    private record Chain(List<Integer> sites, int subprog) {}

    /** Marks of one function, reached in one way: for each frame and instruction a set of slots. */
    private static final class Instance {
        final Chain chain;
        final int start;
        final int frames;
        final long[][] reads;
        final long[][] live;
        final long[][] mustWrite;
        final boolean[][] written;
        boolean stale = true;

        Instance(Chain chain, Layout.Subprog subprog) {
            this.chain = chain;
            this.start = subprog.start;
            this.frames = chain.sites.size() + 1;
            int size = subprog.end - subprog.start;
            this.reads = new long[frames][size];
            this.live = new long[frames][size];
            this.mustWrite = new long[frames][size];
            this.written = new boolean[frames][size];
        }
    }

    private Chain chain(State state, int frame) {
        Integer[] sites = new Integer[frame];
        for (int i = 0; i < frame; i++) {
            sites[i] = state.frames[i + 1].callSite;
        }
        return new Chain(Arrays.asList(sites), state.frames[frame].subprog);
    }

    private Instance instance(State state, int frame) {
        Chain chain = chain(state, frame);
        return instances.computeIfAbsent(
                chain, c -> new Instance(c, env.layout.subprogs.get(c.subprog())));
    }

    /** Forgets which function is current; after a call, a return or a change of path. */
    void moved() {
        current = null;
    }

    private Instance here() {
        if (current == null || currentOf != env.state || currentFrames != env.state.current) {
            current = instance(env.state, env.state.current);
            currentOf = env.state;
            currentFrames = env.state.current;
        }
        return current;
    }

    /** The instruction that is walked may read a slot of a frame. */
    void read(int frame, int slot) {
        Instance at = here();
        long[] reads = at.reads[frame];
        int index = env.insn - at.start;
        if (index < 0 || index >= reads.length) {
            return;
        }
        if ((reads[index] & 1L << slot) == 0) {
            reads[index] |= 1L << slot;
            at.stale = true;
        }
    }

    /** What the current visit of an instruction wrote for certain; see {@link #commit}. */
    private long pendingWrite;

    private int pendingFrame = -1;

    void write(int frame, int slot) {
        pendingFrame = frame;
        pendingWrite |= 1L << slot;
    }

    /** Ends the visit of an instruction: a slot is a certain write if all visits wrote it. */
    void commit(int insn) {
        Instance at = here();
        int index = insn - at.start;
        if (index >= 0 && index < at.live[0].length) {
            for (int f = 0; f < at.frames; f++) {
                long mask = f == pendingFrame ? pendingWrite : 0;
                long before = at.mustWrite[f][index];
                long after = at.written[f][index] ? before & mask : mask;
                at.written[f][index] = true;
                if (before != after) {
                    at.mustWrite[f][index] = after;
                    at.stale = true;
                }
            }
        }
        pendingWrite = 0;
        pendingFrame = -1;
    }

    /** Drops the notes of an instruction whose visit left the function. */
    void drop() {
        pendingWrite = 0;
        pendingFrame = -1;
    }

    /** Whether a slot of a frame may be read from the state's place on. */
    boolean isAlive(State state, int frame, int slot) {
        for (int f = state.current; f >= frame; f--) {
            Instance at = instance(state, f);
            update(at);
            // in a caller the callee's reads are noted at the call; what follows it counts too
            int insn = state.insnOf(f);
            int index = insn - at.start;
            if (index < 0 || index >= at.live[frame].length) {
                return true;
            }
            boolean alive;
            if (f == state.current) {
                alive = (at.live[frame][index] & 1L << slot) != 0;
            } else {
                alive = ((at.live[frame][index] | liveAfter(at, frame, insn)) & 1L << slot) != 0;
            }
            if (alive) {
                return true;
            }
        }
        return false;
    }

    private long liveAfter(Instance at, int frame, int insn) {
        long live = 0;
        for (Insn next : env.layout.successors(env.code[insn])) {
            live |= at.live[frame][next.index() - at.start];
        }
        return live;
    }

    private void updateAll() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Instance instance : instances.values()) {
                if (instance.stale) {
                    compute(instance);
                    changed |= pushOut(instance);
                }
            }
        }
    }

    private void update(Instance wanted) {
        for (Instance instance : instances.values()) {
            if (instance.stale) {
                updateAll();
                break;
            }
        }
        assert !wanted.stale;
    }

    private void compute(Instance at) {
        int size = at.live[0].length;
        for (int f = 0; f < at.frames; f++) {
            boolean changed = true;
            while (changed) {
                changed = false;
                for (int i = size - 1; i >= 0; i--) {
                    Insn insn = env.code[at.start + i];
                    if (insn == null) {
                        continue;
                    }
                    long after = 0;
                    for (Insn next : env.layout.successors(insn)) {
                        int index = next.index() - at.start;
                        if (index >= 0 && index < size) {
                            after |= at.live[f][index];
                        }
                    }
                    long before = at.reads[f][i] | (after & ~at.mustWrite[f][i]);
                    if (env.layout.callsCallback.get(at.start + i)
                            || insn.opcode().kind() == Kind.CALL_SUBPROG) {
                        // a callee's writes are not certain here
                        before = at.reads[f][i] | after;
                    }
                    if (before != at.live[f][i]) {
                        at.live[f][i] = before;
                        changed = true;
                    }
                }
            }
        }
        at.stale = false;
    }

    /** What a callee reads of its callers' frames is read at the call. */
    private boolean pushOut(Instance callee) {
        int depth = callee.frames - 1;
        if (depth == 0) {
            return false;
        }
        boolean changed = false;
        for (Instance caller : instances.values()) {
            if (caller.frames != depth
                    || !caller.chain.sites.equals(callee.chain.sites.subList(0, depth - 1))) {
                continue;
            }
            int index = callee.chain.sites.get(depth - 1) - caller.start;
            if (index < 0 || index >= caller.live[0].length) {
                continue;
            }
            for (int f = 0; f < depth; f++) {
                long reads = callee.live[f][0];
                if ((reads & ~caller.reads[f][index]) != 0) {
                    caller.reads[f][index] |= reads;
                    caller.stale = true;
                    changed = true;
                }
            }
        }
        return changed;
    }
}

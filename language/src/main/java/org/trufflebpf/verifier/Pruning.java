package org.trufflebpf.verifier;

import org.trufflebpf.verifier.StateCompare.Level;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Remembers states and finds out when a path has come to one that is as good as an older one
 * (kernel: {@code is_state_visited}). A state that a loop still leads back to may not know all that
 * is read and relied on after it; it is compared by whole ranges, and what is learned later is
 * carried along the loop's back edges when the loop is done.
 */
final class Pruning {
    private static final int MAX_ROUNDS = 64;

    private final Env env;
    private final StateCompare compare;
    private final Map<Integer, List<State>> explored = new HashMap<>();
    private final Map<List<Integer>, LoopVisit> visits = new HashMap<>();
    private int stepsBefore;
    private int jumpsBefore;

    /** A visit of a loop: the state that entered it, and the states that led back. */
    private static final class LoopVisit {
        State entry;
        final List<BackEdge> edges = new ArrayList<>();
    }

    private record BackEdge(State state, State equal) {}

    Pruning(Env env) {
        this.env = env;
        this.compare = new StateCompare(env);
    }

    /** Whether the current state needs no further walk; if not, it may be remembered. */
    boolean isVisited() {
        State now = env.state;
        int insn = env.insn;
        boolean force = env.layout.checkpoints.get(insn) || now.history.size() > 40;
        boolean add = force || (env.jumps - jumpsBefore >= 2 && env.steps - stepsBefore >= 8);
        List<State> known = explored.computeIfAbsent(insn, i -> new ArrayList<>());
        clean(known);
        for (Iterator<State> it = known.iterator(); it.hasNext(); ) {
            State old = it.next();
            if (old.insn != insn) {
                continue;
            }
            boolean hit;
            boolean loop;
            if (old.branches > 0) {
                hit = isLoopDone(old, now, insn);
                loop = true;
                if (!hit
                        && !force
                        && env.jumps - jumpsBefore < 20
                        && env.steps - stepsBefore < 100) {
                    add = false;
                }
            } else {
                loop = isIncomplete(old);
                hit = compare.equal(old, now, loop ? Level.RANGE_WITHIN : Level.NOT_EXACT);
            }
            if (hit && env.observer == null) {
                old.hits++;
                prune(old, now, loop);
                return true;
            }
            if (add) {
                old.misses++;
            }
            int patience = env.layout.checkpoints.get(insn) && old.branches > 0 ? 64 : 3;
            if (old.misses > old.hits * patience + patience) {
                it.remove();
            }
        }
        if (add) {
            remember(known, now, insn);
        }
        return false;
    }

    /** Whether a state that is still on the current path shows that going on is of no use. */
    private boolean isLoopDone(State old, State now, int insn) {
        Frame frame = old.frame();
        if (frame.inAsyncCallback && frame.asyncEntries != now.frame().asyncEntries) {
            return false;
        }
        if (env.layout.callsCallback.get(insn)) {
            return compare.equal(old, now, Level.RANGE_WITHIN);
        }
        if (env.layout.checkpoints.get(insn)
                && env.code[insn].opcode().kind() == org.trufflebpf.insn.Opcode.Kind.MAY_GOTO) {
            if (old.mayGotoDepth != now.mayGotoDepth
                    && compare.equal(old, now, Level.RANGE_WITHIN)) {
                return true;
            }
        } else if (env.layout.checkpoints.get(insn)) {
            return compare.equal(old, now, Level.RANGE_WITHIN) && iteratorIsActive(now);
        }
        if (mayLoop(old, now)
                && old.mayGotoDepth == now.mayGotoDepth
                && old.callbackUnrollDepth == now.callbackUnrollDepth
                && compare.equal(old, now, Level.EXACT)
                && !iteratorDepthsDiffer(old, now)) {
            throw new Refusal(RefusalKind.LOOP, "infinite loop detected at insn " + insn);
        }
        return false;
    }

    private boolean iteratorIsActive(State now) {
        Reg pointer = now.reg(1);
        int slot = (int) (-(pointer.off + pointer.bits.value()) - 1) / 8;
        List<StackSlot> slots = env.frameOf(pointer).slots;
        if (slot < 0 || slot >= slots.size()) {
            return false;
        }
        return !slots.get(slot).spilled.iterDrained;
    }

    private static boolean mayLoop(State old, State now) {
        if (old.current != now.current) {
            return false;
        }
        Frame a = old.frame();
        Frame b = now.frame();
        for (int i = 0; i < Frame.FP; i++) {
            if (!a.regs[i].sameShape(b.regs[i]) || !a.regs[i].sameRange(b.regs[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean iteratorDepthsDiffer(State old, State now) {
        for (int f = 0; f <= old.current; f++) {
            List<StackSlot> slots = old.frames[f].slots;
            for (int i = 0; i < slots.size(); i++) {
                StackSlot slot = slots.get(i);
                if (slot.is(StackSlot.ITER)
                        && slot.spilled.iter != null
                        && !slot.spilled.iterDrained
                        && i < now.frames[f].slots.size()
                        && slot.spilled.iterDepth != now.frames[f].slots.get(i).spilled.iterDepth) {
                    return true;
                }
            }
        }
        return false;
    }

    private void prune(State old, State now, boolean loop) {
        if (env.layout.jumpPoints.get(env.insn)) {
            env.history();
        }
        env.precision.propagate(old, now);
        if (loop) {
            LoopVisit visit = visit(now, false);
            if (visit != null) {
                State copy = new State(now);
                copy.insn = now.insn;
                visit.edges.add(new BackEdge(copy, old));
            }
        }
    }

    private void remember(List<State> known, State now, int insn) {
        env.states++;
        jumpsBefore = env.jumps;
        stepsBefore = env.steps;
        now.forEachReg(reg -> reg.precise = false);
        State saved = new State(now);
        saved.insn = insn;
        known.addFirst(saved);
        LoopVisit visit = visit(saved, true);
        if (visit != null && visit.entry == null) {
            visit.entry = saved;
        }
        now.parent = saved;
        now.firstInsn = insn;
        now.depth++;
        now.history = new ArrayList<>();
        env.entry = null;
    }

    // ---- loops

    private List<Integer> loopOf(State state) {
        List<Integer> key = new ArrayList<>();
        for (int f = 0; f <= state.current; f++) {
            int insn = state.insnOf(f);
            int scc = insn >= 0 ? env.layout.scc[insn] : 0;
            if (scc != 0) {
                key.add(-scc);
                return key;
            }
            key.add(insn);
        }
        return null;
    }

    private LoopVisit visit(State state, boolean make) {
        List<Integer> key = loopOf(state);
        if (key == null) {
            return null;
        }
        return make ? visits.computeIfAbsent(key, k -> new LoopVisit()) : visits.get(key);
    }

    private boolean isIncomplete(State state) {
        LoopVisit visit = visit(state, false);
        return visit != null && !visit.edges.isEmpty();
    }

    /** A path is finished: so may be states that it came from, and loops that these entered. */
    void finish(State last) {
        for (State state = last; state != null; state = state.parent) {
            if (--state.branches > 0) {
                return;
            }
            LoopVisit visit = visit(state, false);
            if (visit != null && visit.entry == state) {
                visit.entry = null;
                closeLoop(visit);
            }
        }
    }

    private void closeLoop(LoopVisit visit) {
        boolean changed = true;
        for (int round = 0; changed; round++) {
            changed = false;
            for (BackEdge edge : visit.edges) {
                if (round == MAX_ROUNDS) {
                    env.precision.markAll(edge.state);
                } else {
                    changed |= env.precision.propagate(edge.equal, edge.state);
                }
            }
        }
        visit.edges.clear();
    }

    // ---- forgetting what is not read

    private void clean(List<State> known) {
        for (State state : known) {
            if (state.branches > 0 || state.cleaned || isIncomplete(state)) {
                continue;
            }
            state.cleaned = true;
            for (int f = 0; f <= state.current; f++) {
                Frame frame = state.frames[f];
                int live = env.layout.liveRegs[state.insnOf(f)];
                for (int i = 0; i < Frame.FP; i++) {
                    if ((live & 1 << i) == 0) {
                        frame.regs[i].setNotInit();
                    }
                }
                for (int i = 0; i < frame.slots.size(); i++) {
                    if (!env.stackLiveness.isAlive(state, f, i)) {
                        frame.slots.get(i).invalidate();
                    }
                }
            }
        }
    }

    /** The state that first came to an instruction on the way to this one, in the same frames. */
    State previousAt(State from, int insn) {
        State now = env.state;
        for (State state = from; state != null; state = state.parent) {
            if (state.insn == insn && sameCallSites(state, now)) {
                return state;
            }
        }
        return null;
    }

    private static boolean sameCallSites(State a, State b) {
        if (a.current != b.current) {
            return false;
        }
        for (int i = 0; i <= a.current; i++) {
            if (a.frames[i].callSite != b.frames[i].callSite) {
                return false;
            }
        }
        return true;
    }

    /** Makes scalars that changed from turn to turn unknown, so that loops come to an end. */
    void widen(State old, State now) {
        for (int f = old.current; f >= 0; f--) {
            for (int i = 0; i < Frame.FP; i++) {
                widen(old.frames[f].regs[i], now.frames[f].regs[i]);
            }
            List<StackSlot> before = old.frames[f].slots;
            List<StackSlot> after = now.frames[f].slots;
            for (int i = 0; i < before.size() && i < after.size(); i++) {
                if (before.get(i).isScalarSpill() && after.get(i).isScalarSpill()) {
                    widen(before.get(i).spilled, after.get(i).spilled);
                }
            }
        }
    }

    private static void widen(Reg old, Reg now) {
        if (!old.isScalar() || !now.isScalar()) {
            return;
        }
        if (old.precise || now.precise || old.sameRange(now)) {
            return;
        }
        now.setUnknown();
    }
}

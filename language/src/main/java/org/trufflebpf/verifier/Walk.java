package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

/** Walks all paths of a function, instruction by instruction (kernel: {@code do_check}). */
final class Walk {
    private final Env env;
    private final Pruning pruning;
    private final AluCheck alu;
    private final JumpCheck jumps;
    private final MemoryCheck memory;
    private final LoadStore accesses;
    private final ImmediateLoad immediates;
    private final CallCheck calls;
    private final HelperCheck helpers;
    private final KfuncCheck kfuncs;
    private final GlobalFunctions globals;

    Walk(Env env) {
        this.env = env;
        this.pruning = new Pruning(env);
        this.alu = new AluCheck(env);
        this.jumps = new JumpCheck(env, pruning);
        this.memory = new MemoryCheck(env);
        this.accesses = new LoadStore(env, memory);
        this.immediates = new ImmediateLoad(env);
        this.globals = new GlobalFunctions(env);
        this.calls = new CallCheck(env, pruning, memory, globals);
        GraphCheck graphs = new GraphCheck(env);
        CallbackCheck callbacks = new CallbackCheck(env, calls, graphs, globals);
        this.helpers = new HelperCheck(env, memory, callbacks, calls);
        this.calls.use(helpers.arguments);
        this.kfuncs =
                new KfuncCheck(
                        env,
                        calls,
                        callbacks,
                        helpers.arguments,
                        new KfuncArguments.Parts(
                                memory,
                                graphs,
                                new IteratorCheck(env, pruning, memory.stack),
                                new IrqCheck(env, memory.stack)));
    }

    /** Walks a function that is entered from outside: the program, or a global function. */
    void function(Layout.Subprog subprog) {
        State state = new State();
        state.branches = 1;
        state.sleepable = env.spec.sleepable();
        state.frames[0] = new Frame(Frame.ENTRY, 0, subprog.index);
        if (subprog.index == 0 && !env.input.function()) {
            state.reg(1).setPointer(RegType.CTX, 0);
        } else {
            globals.enter(subprog, state.frames[0]);
            state.frames[0].inExceptionCallback = subprog == env.layout.exceptionCallback;
        }
        env.state = state;
        env.insn = subprog.start;
        env.previous = -1;
        env.pending.clear();
        env.stackLiveness.moved();
        env.log.start();
        paths();
    }

    private void paths() {
        boolean more = true;
        boolean fresh = false;
        while (more) {
            if (path(fresh)) {
                pruning.finish(env.state);
                Env.Pending next = env.pending.poll();
                if (next == null) {
                    more = false;
                } else {
                    env.state = next.state();
                    env.insn = next.insn();
                    env.previous = next.previous();
                    env.log.rewind(next.logLength());
                    env.stackLiveness.moved();
                    env.log.from(next.previous(), next.insn());
                    fresh = true;
                }
            }
        }
    }

    /** Walks until the path ends. */
    private boolean path(boolean fresh) {
        boolean first = fresh;
        while (true) {
            env.entry = null;
            int at = env.insn;
            if (++env.steps > env.options.maxInsns()) {
                throw Env.refuse(
                        RefusalKind.COMPLEXITY,
                        "BPF program is too large. Processed " + env.steps + " insn",
                        Advice.tooManySteps(env.options.maxInsns(), env.code.length));
            }
            env.state.lastInsn = env.previous;
            env.state.insn = at;
            if (env.layout.prunePoints.get(at) && pruning.isVisited()) {
                if (env.log.isOn()) {
                    env.log.line(at + ": safe");
                }
                return true;
            }
            if (env.layout.jumpPoints.get(at)) {
                env.history();
            }
            Insn insn = env.code[at];
            if (env.observer != null) {
                env.observer.accept(at, env.state);
            }
            env.log.beginStep(first);
            first = false;
            int next = step(insn);
            env.log.endStep(insn);
            if (next < 0) {
                env.stackLiveness.drop();
                return true;
            }
            env.previous = at;
            env.insn = next;
        }
    }

    private void refusePoison(Insn insn) {
        String poison = env.program.poison().get(insn.index());
        if (poison != null) {
            throw Env.refuse(RefusalKind.UNRESOLVED, poison);
        }
    }

    private int step(Insn insn) {
        refusePoison(insn);
        int before = env.state.current;
        int next =
                switch (insn.opcode().kind()) {
                    case ALU -> {
                        alu.check(insn);
                        yield insn.next();
                    }
                    case ADDR_SPACE_CAST -> {
                        addressSpaceCast(insn);
                        yield insn.next();
                    }
                    case LDX, LDSX, LOAD_ACQUIRE -> {
                        accesses.load(insn);
                        yield insn.next();
                    }
                    case ST, STX, STORE_RELEASE -> {
                        accesses.store(insn);
                        yield insn.next();
                    }
                    case ATOMIC -> {
                        accesses.atomic(insn);
                        yield insn.next();
                    }
                    case LDDW -> {
                        immediates.check(insn);
                        yield insn.next();
                    }
                    case LD_ABS, LD_IND -> {
                        loadPacket(insn);
                        yield insn.next();
                    }
                    case JA, JA32 -> {
                        env.jumps++;
                        yield insn.target();
                    }
                    case JCC -> {
                        env.jumps++;
                        yield jumps.check(insn);
                    }
                    case MAY_GOTO -> {
                        env.jumps++;
                        yield jumps.mayGoto(insn);
                    }
                    case CALL_SUBPROG -> {
                        env.jumps++;
                        checkLocked(insn, -1);
                        yield calls.call(insn);
                    }
                    case CALL_HELPER -> {
                        env.jumps++;
                        checkLocked(insn, insn.imm());
                        helpers.check(insn);
                        yield insn.next();
                    }
                    case CALL_KFUNC -> {
                        env.jumps++;
                        yield kfuncs.check(insn);
                    }
                    case EXIT -> {
                        env.jumps++;
                        yield calls.exit();
                    }
                    case CALLX -> throw Env.refuse(RefusalKind.INSTRUCTION, "unknown opcode 8d");
                };
        if (env.state.current == before && next >= 0) {
            env.stackLiveness.commit(insn.index());
        } else {
            env.stackLiveness.drop();
            env.stackLiveness.moved();
        }
        return next;
    }

    private void checkLocked(Insn insn, int helper) {
        if (env.state.activeLocks > 0
                && insn.opcode().kind() == Kind.CALL_HELPER
                && helper != 94
                && helper != 93) {
            throw Env.refuse(
                    RefusalKind.LOCK, "function calls are not allowed while holding a lock");
        }
    }

    private void addressSpaceCast(Insn insn) {
        env.read(insn.src());
        boolean arena = false;
        for (Insn other : env.code) {
            arena |=
                    other != null
                            && other.mapIndex() >= 0
                            && env.map(other.mapIndex()).type() == MapType.ARENA;
        }
        if (!arena) {
            throw Env.refuse(
                    RefusalKind.INSTRUCTION,
                    "addr_space_cast insn can only be used in a program that has an associated"
                            + " arena");
        }
        Reg dst = env.write(insn.dst());
        if (insn.imm() == 1) {
            dst.setPointer(RegType.ARENA, 0);
            dst.setUnknownRange();
        } else {
            dst.setUnknown();
        }
    }

    private void loadPacket(Insn insn) {
        if (!env.isOneOf(ProgramType.SOCKET_FILTER, ProgramType.SCHED_CLS, ProgramType.SCHED_ACT)) {
            throw Env.refuse(
                    RefusalKind.INSTRUCTION,
                    "BPF_LD_[ABS|IND] instructions not allowed for this program type");
        }
        Reg context = env.read(6);
        calls.checkNothingHeld("BPF_LD_[ABS|IND]");
        if (context.type != RegType.CTX) {
            throw Env.refuse(
                    RefusalKind.INVALID_POINTER,
                    "at the time of BPF_LD_ABS|IND R6 != pointer to skb");
        }
        if (insn.opcode().kind() == Kind.LD_IND) {
            env.read(insn.src());
        }
        memory.checkNoOffset(context, 6);
        env.clearCallerSaved(env.state.frame());
        env.reg(0).setUnknown();
    }
}

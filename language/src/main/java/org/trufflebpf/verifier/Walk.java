package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.util.EnumSet;
import java.util.Set;

/** Walks all paths of a function, instruction by instruction (kernel: {@code do_check}). */
final class Walk {
    /** Pointers that an instruction must not use in turn with others. */
    private static final Set<RegType> EXCLUSIVE =
            EnumSet.of(
                    RegType.CTX,
                    RegType.SOCKET,
                    RegType.SOCK_COMMON,
                    RegType.TCP_SOCK,
                    RegType.BTF,
                    RegType.ARENA);

    private final Env env;
    private final Pruning pruning;
    private final AluCheck alu;
    private final JumpCheck jumps;
    private final MemoryCheck memory;
    private final CallCheck calls;
    private final HelperCheck helpers;
    private final KfuncCheck kfuncs;
    private final GlobalFunctions globals;
    private final RegType[] pointerTypes;

    Walk(Env env) {
        this.env = env;
        this.pruning = new Pruning(env);
        this.alu = new AluCheck(env);
        this.jumps = new JumpCheck(env, pruning);
        this.memory = new MemoryCheck(env);
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
        this.pointerTypes = new RegType[env.code.length];
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
                        load(insn);
                        yield insn.next();
                    }
                    case ST, STX, STORE_RELEASE -> {
                        store(insn);
                        yield insn.next();
                    }
                    case ATOMIC -> {
                        atomic(insn);
                        yield insn.next();
                    }
                    case LDDW -> {
                        loadImmediate(insn);
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

    /** One instruction must not access now this, now that kind of object, where they differ. */
    private void samePointer(Insn insn, Reg reg) {
        RegType known = pointerTypes[insn.index()];
        if (known == null) {
            pointerTypes[insn.index()] = reg.type;
        } else if (known != reg.type
                && (EXCLUSIVE.contains(known) || EXCLUSIVE.contains(reg.type))) {
            throw Env.refuse(
                    RefusalKind.INVALID_POINTER,
                    "same insn cannot be used with different pointers");
        }
    }

    private void load(Insn insn) {
        Reg src = env.read(insn.src());
        env.write(insn.dst());
        RegType type = src.type;
        int size = insn.opcode().bits() / 8;
        Reg pointer = new Reg();
        pointer.type = type;
        if (insn.opcode().kind() == Kind.LOAD_ACQUIRE) {
            atomicAllowed(insn.src(), src, "loads from");
            memory.checkAlignment(src, insn.off(), size, true);
        }
        memory.load(insn.src(), insn.off(), size, insn.dst(), insn.opcode().kind() == Kind.LDSX);
        samePointer(insn, pointer);
    }

    private void store(Insn insn) {
        Reg dst = env.read(insn.dst());
        RegType type = dst.type;
        int size = insn.opcode().bits() / 8;
        Reg pointer = new Reg();
        pointer.type = type;
        if (insn.opcode().kind() == Kind.ST) {
            memory.store(insn.dst(), insn.off(), size, -1, (long) insn.imm());
        } else {
            env.read(insn.src());
            if (insn.opcode().kind() == Kind.STORE_RELEASE) {
                atomicAllowed(insn.dst(), dst, "stores into");
                memory.checkAlignment(dst, insn.off(), size, true);
            }
            memory.store(insn.dst(), insn.off(), size, insn.src(), null);
        }
        samePointer(insn, pointer);
    }

    private void atomic(Insn insn) {
        Reg src = env.read(insn.src());
        Reg dst = env.read(insn.dst());
        int size = insn.opcode().bits() / 8;
        Atomic op = (Atomic) insn.opcode().operation();
        if (op == Atomic.CMPXCHG) {
            env.read(0);
        }
        if (src.isPointer() && src.type != RegType.STACK && dst.type == RegType.STACK) {
            // root may leak addresses
            env.read(insn.src());
        }
        atomicAllowed(insn.dst(), dst, "stores into");
        int result =
                switch (op) {
                    case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> insn.src();
                    case CMPXCHG -> 0;
                    default -> -1;
                };
        memory.checkAlignment(dst, insn.off(), size, true);
        Reg pointer = new Reg(dst);
        memory.load(insn.dst(), insn.off(), size, -1, false);
        if (result >= 0) {
            env.write(result);
            if (result == insn.dst()) {
                Reg loaded = env.reg(result);
                memory.store(insn.dst(), insn.off(), size, -1, null);
                loaded.setUnknown();
                if (size < 8) {
                    loaded.truncate(size);
                }
                samePointer(insn, pointer);
                return;
            }
            memory.load(insn.dst(), insn.off(), size, result, false);
        }
        memory.store(insn.dst(), insn.off(), size, -1, null);
        samePointer(insn, pointer);
    }

    private static void atomicAllowed(int regno, Reg reg, String what) {
        switch (reg.type) {
            case CTX, PACKET, PACKET_META, FLOW_KEYS, SOCKET, SOCK_COMMON, TCP_SOCK ->
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            "BPF_ATOMIC "
                                    + what
                                    + " R"
                                    + regno
                                    + " "
                                    + Log.typeName(reg)
                                    + " is not allowed");
            default -> {}
        }
    }

    private void loadImmediate(Insn insn) {
        Reg dst = env.write(insn.dst());
        switch (insn.src()) {
            case 0 -> dst.setKnown(insn.imm64());
            case 1, 5 -> {
                MapFacts map = env.map(insn.imm());
                checkMap(map);
                dst.setPointer(RegType.MAP_PTR, 0);
                dst.map = map;
            }
            case 2, 6 -> mapValue(insn, dst);
            case 3 -> kernelVariable(insn, dst);
            case 4 -> {
                Layout.Subprog subprog = env.layout.at(Layout.callTarget(insn));
                dst.setPointer(RegType.FUNC, 0);
                dst.subprog = subprog.index;
            }
            default ->
                    throw Env.refuse(
                            RefusalKind.INSTRUCTION, "invalid BPF_LD_IMM insn: src " + insn.src());
        }
    }

    private void checkMap(MapFacts map) {
        boolean lock =
                map.field(SpecialField.Kind.SPIN_LOCK) != null
                        || map.field(SpecialField.Kind.RES_SPIN_LOCK) != null;
        boolean tracing =
                env.isOneOf(
                        ProgramType.KPROBE,
                        ProgramType.TRACEPOINT,
                        ProgramType.PERF_EVENT,
                        ProgramType.RAW_TRACEPOINT,
                        ProgramType.RAW_TRACEPOINT_WRITABLE);
        if (lock && env.type == ProgramType.SOCKET_FILTER) {
            throw Env.refuse(
                    RefusalKind.MAP_USE, "socket filter progs cannot use bpf_spin_lock yet");
        }
        if (lock && tracing) {
            throw Env.refuse(RefusalKind.MAP_USE, "tracing progs cannot use bpf_spin_lock yet");
        }
        if (map.field(SpecialField.Kind.TIMER) != null && tracing) {
            throw Env.refuse(RefusalKind.MAP_USE, "tracing progs cannot use bpf_timer yet");
        }
    }

    private void mapValue(Insn insn, Reg dst) {
        MapFacts map = env.map(insn.imm());
        if (map.type() == MapType.ARENA) {
            dst.setUnknown();
            return;
        }
        checkMap(map);
        long off = insn.nextImm() & 0xffff_ffffL;
        if (map.type() != MapType.ARRAY) {
            throw Env.refuse(
                    RefusalKind.MAP_USE,
                    "no direct value access support for this map type ("
                            + map.type().label()
                            + ")");
        }
        if (map.spec.maxEntries() != 1
                || off >= Env.MAX_VAR_OFF
                || off >= Integer.toUnsignedLong(map.valueSize())) {
            throw Env.refuse(
                    RefusalKind.MAP_VALUE_BOUNDS,
                    "invalid access to map value pointer, value_size="
                            + map.valueSize()
                            + " off="
                            + off);
        }
        dst.setPointer(RegType.MAP_VALUE, 0);
        dst.map = map;
        // no id: there is but one value, so that all its addresses are of one object
        dst.off = (int) off;
    }

    private void kernelVariable(Insn insn, Reg dst) {
        var btf = env.requireTarget("a kernel variable");
        if (btf.type(insn.imm()) instanceof org.trufflebpf.btf.BtfType.Var variable) {
            int type = btf.skipModifiers(variable.type());
            boolean perCpu = isPerCpu(btf, insn.imm());
            if (btf.type(type) instanceof org.trufflebpf.btf.BtfType.Composite || perCpu) {
                dst.setPointer(RegType.BTF, perCpu ? Reg.PERCPU : 0);
                dst.btf = btf;
                dst.btfId = type;
                return;
            }
            long size = btf.sizeOf(type);
            dst.setPointer(RegType.MEM, Reg.RDONLY);
            dst.memSize = (int) Math.max(0, size);
            return;
        }
        dst.setPointer(RegType.MEM, Reg.RDONLY);
        dst.memSize = 0;
    }

    private static boolean isPerCpu(org.trufflebpf.btf.Btf btf, int id) {
        int section = btf.find(".data..percpu", org.trufflebpf.btf.BtfKind.DATASEC);
        return section != 0
                && btf.type(section) instanceof org.trufflebpf.btf.BtfType.Datasec datasec
                && datasec.vars().stream().anyMatch(info -> info.type() == id);
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

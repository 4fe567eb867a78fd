package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What all parts of one verification share: the program, the current state, the paths that wait,
 * and what has been counted (kernel: bpf_verifier_env).
 */
final class Env {
    /** {@code BPF_COMPLEXITY_LIMIT_JMP_SEQ}. */
    static final int MAX_PENDING = 8192;

    /** {@code BPF_MAX_VAR_OFF}. */
    static final long MAX_VAR_OFF = 1 << 29;

    static final int STACK_SIZE = 512;

    /** Caller-saved registers but r0. */
    static final int MAX_ARGS = 5;

    final VerifierInput input;
    final VerifierOptions options;
    final ObjectSpec object;
    final LoadedProgram program;
    final ProgramSpec spec;
    final ProgramType type;
    final Insn[] code;
    final MapFacts[] maps;
    final Layout layout;
    final Proofs proofs;
    final Log log;
    final Precision precision;
    final StackLiveness stackLiveness;
    final ScalarLinks links;

    final Deque<Pending> pending = new ArrayDeque<>();

    /** Sees every state before its instruction, in tests; then no path is pruned. */
    BiConsumer<Integer, State> observer;

    State state;
    int insn;
    int previous;

    /** The history entry that the current instruction made, or {@code null}. */
    HistoryEntry entry;

    int steps;
    int jumps;
    int states;
    private int ids;
    private StructOperation operation;
    private final Map<Integer, List<SpecialField>> localFields = new HashMap<>();

    /** A path that waits to be walked. */
    record Pending(State state, int insn, int previous, int logLength) {}

    Env(VerifierInput input, VerifierOptions options, Insn[] code, Layout layout) {
        this.input = input;
        this.options = options;
        this.object = input.object();
        this.program = input.program();
        this.spec = program.spec();
        this.type = spec.type();
        this.code = code;
        this.layout = layout;
        this.maps = new MapFacts[object.maps().size()];
        this.proofs = new Proofs(code.length);
        this.log = new Log(this, options);
        this.precision = new Precision(this);
        this.stackLiveness = new StackLiveness(this);
        this.links = new ScalarLinks(this);
    }

    MapFacts map(int index) {
        if (index < 0 || index >= maps.length) {
            throw new Refusal(
                    RefusalKind.MAP_USE,
                    "fd " + index + " is not pointing to valid bpf_map: there are " + maps.length);
        }
        if (maps[index] == null) {
            MapSpec map = object.maps().get(index);
            maps[index] = new MapFacts(index, map, object.btf(), input.constants().apply(index));
        }
        return maps[index];
    }

    /** The special fields of a map's value, or of an object that the program allocated. */
    List<SpecialField> fields(Reg reg) {
        if (reg.map != null) {
            return reg.map.fields;
        }
        if (reg.type != RegType.BTF || !reg.has(Reg.ALLOC)) {
            return List.of();
        }
        return localFields.computeIfAbsent(reg.btfId, id -> SpecialField.find(object.btf(), id));
    }

    /** The special field of a kind, or {@code null}. */
    SpecialField field(Reg reg, SpecialField.Kind kind) {
        for (SpecialField field : fields(reg)) {
            if (field.kind() == kind) {
                return field;
            }
        }
        return null;
    }

    /** The special field of a kind at an offset, or {@code null}. */
    SpecialField fieldAt(Reg reg, long offset, SpecialField.Kind kind) {
        for (SpecialField field : fields(reg)) {
            if (field.kind() == kind && field.offset() == offset) {
                return field;
            }
        }
        return null;
    }

    Btf target() {
        return input.target().get();
    }

    /** The types of the kernel, or a refusal that says that there are none. */
    Btf requireTarget(String what) {
        Btf btf = target();
        if (btf == null) {
            throw new Refusal(
                    RefusalKind.UNSUPPORTED,
                    what + " needs the BTF of the kernel, and none is given");
        }
        return btf;
    }

    /** What a program of type struct_ops is for. */
    StructOperation operation() {
        if (operation == null) {
            operation = StructOperation.of(this);
        }
        return operation;
    }

    /** A structure of the kernel, or a refusal that says that its types have none. */
    int requireStruct(String name, String what) {
        int id = requireTarget(what).find(name, BtfKind.STRUCT);
        if (id == 0) {
            throw new Refusal(
                    RefusalKind.UNSUPPORTED,
                    what + " needs struct " + name + ", which the kernel's BTF does not have");
        }
        return id;
    }

    int newId() {
        return ++ids;
    }

    Reg reg(int number) {
        return state.reg(number);
    }

    /** The frame that a stack pointer points into. */
    Frame frameOf(Reg pointer) {
        return state.frames[pointer.frameno];
    }

    /** Reading a register that was never written ends the walk. */
    Reg read(int number) {
        Reg reg = state.reg(number);
        if (reg.type == RegType.NOT_INIT) {
            throw new Refusal(RefusalKind.UNINITIALIZED_REGISTER, "R" + number + " !read_ok");
        }
        return reg;
    }

    /** A register that is about to be written. */
    Reg write(int number) {
        if (number == Frame.FP) {
            throw new Refusal(RefusalKind.INSTRUCTION, "frame pointer is read only");
        }
        return state.reg(number);
    }

    static Refusal refuse(RefusalKind kind, String message) {
        return new Refusal(kind, message);
    }

    static Refusal refuse(RefusalKind kind, String message, String advice) {
        return new Refusal(kind, message, advice);
    }

    /** Refuses a pointer to a special field whose offset is not known. */
    static void requireConstantOffset(int regno, Reg reg, String what, RefusalKind kind) {
        if (!reg.isConst()) {
            throw refuse(
                    kind,
                    "R"
                            + regno
                            + " doesn't have constant offset. "
                            + what
                            + " has to be at the constant offset");
        }
    }

    /** Leaves a path for later, a copy of the current state. */
    State push(int at, int from) {
        State copy = new State(state);
        copy.branches = 1;
        if (copy.parent != null) {
            copy.parent.branches++;
        }
        pending.push(new Pending(copy, at, from, log.length()));
        if (pending.size() > MAX_PENDING) {
            throw refuse(
                    RefusalKind.COMPLEXITY,
                    "The sequence of " + pending.size() + " jumps is too complex.",
                    Advice.tooManyPaths(MAX_PENDING));
        }
        return copy;
    }

    /** As {@link #push}, of a function that runs on its own, later. */
    State pushAsync(int at, int from, int subprog, boolean sleepable) {
        State fresh = new State();
        fresh.branches = 1;
        fresh.sleepable = sleepable;
        fresh.parent = state.parent;
        if (fresh.parent != null) {
            fresh.parent.branches++;
        }
        fresh.frames[0] = new Frame(Frame.ENTRY, 0, subprog);
        pending.push(new Pending(fresh, at, from, log.length()));
        if (pending.size() > MAX_PENDING) {
            throw refuse(
                    RefusalKind.COMPLEXITY,
                    "The sequence of " + pending.size() + " jumps is too complex for async cb.",
                    Advice.tooManyPaths(MAX_PENDING));
        }
        return fresh;
    }

    /** The history entry of the current instruction, made if it is not there yet. */
    HistoryEntry history() {
        if (entry == null) {
            entry = new HistoryEntry(insn, previous);
            state.history.add(entry);
        }
        return entry;
    }

    void historyOfStack(int frame, int slot) {
        HistoryEntry here = history();
        here.stackAccess = true;
        here.frame = frame;
        here.slot = slot;
    }

    void clearCallerSaved(Frame frame) {
        for (int i = 0; i <= MAX_ARGS; i++) {
            frame.regs[i].setNotInit();
        }
    }

    /** Bits that a number takes: kernel {@code get_reg_width}. */
    static int width(Reg reg) {
        return 64 - Long.numberOfLeadingZeros(reg.umax);
    }

    boolean isSleepableNow() {
        return state.sleepable
                && state.rcuLocks == 0
                && state.preemptLocks == 0
                && state.activeLocks == 0
                && state.activeIrq == 0;
    }

    /** Whether kernel pointers are protected by RCU now. */
    boolean inRcuSection() {
        return state.rcuLocks > 0 || state.activeLocks > 0 || !state.sleepable;
    }

    // ---- references

    int acquirePointer(int at) {
        int id = newId();
        state.refs.add(new Ref(Ref.Kind.POINTER, id, at, null));
        return id;
    }

    boolean releaseWithoutMark(State of, int id) {
        return of.refs.removeIf(ref -> ref.kind() == Ref.Kind.POINTER && ref.id() == id);
    }

    /** Gives up a reference: all registers that stand for it become useless. */
    void release(int id) {
        if (!releaseWithoutMark(state, id)) {
            throw refuse(RefusalKind.REFERENCE, "release of unowned reference id=" + id);
        }
        state.forEachReg(
                reg -> {
                    if (reg.refId == id) {
                        invalidate(reg);
                    }
                });
    }

    /** What a pointer becomes that must not be used any more: root may see its bits. */
    static void invalidate(Reg reg) {
        reg.setUnknown();
    }

    /** Pointers into the packet after it moved. */
    void forgetPacketPointers() {
        state.forEachReg(
                reg -> {
                    if (reg.type.isPacket()
                            || reg.type == RegType.PACKET_END
                            || isPacketSlice(reg)) {
                        invalidate(reg);
                    }
                });
    }

    private static boolean isPacketSlice(Reg reg) {
        return reg.type == RegType.MEM
                && (reg.dynptr == Reg.DynptrKind.SKB
                        || reg.dynptr == Reg.DynptrKind.XDP
                        || reg.dynptr == Reg.DynptrKind.SKB_META);
    }

    void invalidateNonOwning() {
        state.forEachReg(
                reg -> {
                    if (reg.has(Reg.NON_OWN)) {
                        invalidate(reg);
                    }
                });
    }

    AttachType attach() {
        return AttachType.of(Math.max(0, spec.attachType()));
    }

    boolean isOneOf(ProgramType... types) {
        return Arrays.asList(types).contains(type);
    }
}

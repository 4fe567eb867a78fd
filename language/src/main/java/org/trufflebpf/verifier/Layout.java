package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * The shape of a program: its functions, its edges, and where states are compared. Kernel: {@code
 * check_subprogs} and {@code check_cfg}.
 */
final class Layout {
    /** A function. */
    static final class Subprog {
        final int index;
        final int start;
        final int end;
        final String name;
        final boolean global;
        final int typeId;
        boolean changesPacket;
        boolean mightSleep;
        boolean isCallback;
        boolean isAsync;
        boolean called;
        boolean tailCalls;

        /** Bytes of stack that its frame uses, as walked. */
        int stackDepth;

        Subprog(int index, int start, int end, String name, boolean global, int typeId) {
            this.index = index;
            this.start = start;
            this.end = end;
            this.name = name;
            this.global = global;
            this.typeId = typeId;
        }
    }

    final Insn[] code;
    final List<Subprog> subprogs = new ArrayList<>();
    final BitSet prunePoints = new BitSet();
    final BitSet jumpPoints = new BitSet();
    final BitSet checkpoints = new BitSet();
    final BitSet callsCallback = new BitSet();

    /** Number of the strongly connected component of an instruction, 0 for none. */
    final int[] scc;

    /** Registers that are read before they are written from an instruction on, as bits. */
    final int[] liveRegs;

    /** The function that an exception leads to, or {@code null}. */
    Subprog exceptionCallback;

    private final CallKinds calls;

    Layout(Insn[] code, ProgramSpec spec, CallKinds calls) {
        this.code = code;
        this.calls = calls;
        this.scc = new int[code.length];
        this.liveRegs = new int[code.length];
        findSubprogs(spec);
        checkJumps();
        for (Subprog subprog : subprogs) {
            mark(subprog);
        }
        checkReachable();
        new SccFinder(this).run();
        new RegLiveness(this).run();
    }

    /** What the layout needs to know of calls. */
    interface CallKinds {
        /** Whether a call calls back a function of the program before it returns. */
        boolean isSyncCallback(Insn insn);

        /** Whether a call steps an iterator. */
        boolean isIteratorNext(Insn insn);

        /** Whether a call never returns. */
        boolean isThrow(Insn insn);
    }

    static int callTarget(Insn insn) {
        return insn.index() + 1 + insn.imm();
    }

    static boolean isFunctionAddress(Insn insn) {
        return insn.opcode().kind() == Kind.LDDW && insn.src() == 4;
    }

    Subprog at(int slot) {
        for (Subprog subprog : subprogs) {
            if (subprog.start == slot) {
                return subprog;
            }
        }
        return null;
    }

    Subprog containing(int slot) {
        int low = 0;
        int high = subprogs.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (subprogs.get(middle).start <= slot) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return subprogs.get(low);
    }

    private void findSubprogs(ProgramSpec spec) {
        TreeSet<Integer> starts = new TreeSet<>();
        starts.add(0);
        for (SubprogSpec subprog : spec.subprogs()) {
            starts.add(subprog.start());
        }
        for (Insn insn : code) {
            if (insn != null
                    && (insn.opcode().kind() == Kind.CALL_SUBPROG || isFunctionAddress(insn))) {
                int target = callTarget(insn);
                if (target < 0 || target >= code.length || code[target] == null) {
                    throw new At(
                            insn.index(),
                            RefusalKind.CALL,
                            "call to invalid destination: insn " + target);
                }
                starts.add(target);
            }
        }
        List<Integer> list = new ArrayList<>(starts);
        for (int i = 0; i < list.size(); i++) {
            int start = list.get(i);
            int end = i + 1 < list.size() ? list.get(i + 1) : code.length;
            SubprogSpec named = null;
            for (SubprogSpec candidate : spec.subprogs()) {
                if (candidate.start() == start) {
                    named = candidate;
                }
            }
            subprogs.add(
                    new Subprog(
                            i,
                            start,
                            end,
                            named != null ? named.name() : i == 0 ? spec.name() : "subprog_" + i,
                            // without a type in BTF the kernel knows of no linkage
                            named != null && named.global() && named.typeId() != 0,
                            named != null ? named.typeId() : 0));
        }
    }

    /** A refusal at an instruction, before the walk. */
    static final class At extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int insn;
        private final RefusalKind kind;

        At(int insn, RefusalKind kind, String message) {
            super(message, null, false, false);
            this.insn = insn;
            this.kind = kind;
        }

        int insn() {
            return insn;
        }

        RefusalKind kind() {
            return kind;
        }
    }

    private void checkJumps() {
        for (Subprog subprog : subprogs) {
            Insn last = null;
            for (int i = subprog.start; i < subprog.end; i++) {
                Insn insn = code[i];
                if (insn == null) {
                    continue;
                }
                last = insn;
                if (jumps(insn)) {
                    int target = insn.target();
                    if (target < subprog.start || target >= subprog.end) {
                        throw new At(
                                i,
                                RefusalKind.CONTROL_FLOW,
                                "jump out of range from insn " + i + " to " + target);
                    }
                    if (code[target] == null) {
                        throw new At(
                                i,
                                RefusalKind.CONTROL_FLOW,
                                "jump into the middle of ldimm64 insn " + (target - 1));
                    }
                }
            }
            boolean ends =
                    last != null
                            && switch (last.opcode().kind()) {
                                case EXIT, JA, JA32 -> true;
                                default -> false;
                            };
            if (!ends) {
                throw new At(
                        last == null ? subprog.start : last.index(),
                        RefusalKind.CONTROL_FLOW,
                        "last insn is not an exit or jmp");
            }
        }
    }

    static boolean jumps(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JA, JA32, JCC, MAY_GOTO -> true;
            default -> false;
        };
    }

    /** Whether a call never returns. */
    boolean isThrow(Insn insn) {
        return calls.isThrow(insn);
    }

    /** The instructions of the same function that may follow one. */
    List<Insn> successors(Insn insn) {
        List<Insn> next = new ArrayList<>(2);
        switch (insn.opcode().kind()) {
            case EXIT -> {}
            case JA, JA32 -> next.add(code[insn.target()]);
            case JCC, MAY_GOTO -> {
                next.add(code[insn.next()]);
                next.add(code[insn.target()]);
            }
            default -> {
                if (insn.next() < code.length) {
                    next.add(code[insn.next()]);
                }
            }
        }
        return next;
    }

    private void mark(Subprog subprog) {
        prunePoints.set(subprog.start);
        jumpPoints.set(subprog.start);
        for (int i = subprog.start; i < subprog.end; i++) {
            Insn insn = code[i];
            if (insn == null) {
                continue;
            }
            switch (insn.opcode().kind()) {
                case JA, JA32 -> {
                    prunePoints.set(insn.target());
                    jumpPoints.set(insn.target());
                    // where a loop turns back
                    if (insn.target() <= i) {
                        prunePoints.set(i);
                    }
                }
                case JCC -> {
                    prunePoints.set(i);
                    jumpPoints.set(insn.target());
                    if (insn.next() < code.length) {
                        jumpPoints.set(insn.next());
                    }
                }
                case MAY_GOTO -> {
                    prunePoints.set(i);
                    checkpoints.set(i);
                    jumpPoints.set(insn.target());
                    jumpPoints.set(insn.next());
                }
                case CALL_SUBPROG -> {
                    prunePoints.set(i);
                    jumpPoints.set(insn.next());
                    prunePoints.set(callTarget(insn));
                    jumpPoints.set(callTarget(insn));
                }
                case CALL_HELPER, CALL_KFUNC -> {
                    if (calls.isSyncCallback(insn)) {
                        callsCallback.set(i);
                        checkpoints.set(i);
                        prunePoints.set(i);
                        jumpPoints.set(i);
                    }
                    if (calls.isIteratorNext(insn)) {
                        prunePoints.set(i);
                        checkpoints.set(i);
                    }
                    jumpPoints.set(insn.next());
                }
                default -> {
                    if (isFunctionAddress(insn)) {
                        prunePoints.set(callTarget(insn));
                        jumpPoints.set(callTarget(insn));
                    }
                }
            }
        }
    }

    private void checkReachable() {
        BitSet reached = new BitSet(code.length);
        List<Integer> work = new ArrayList<>();
        for (Subprog subprog : subprogs) {
            work.add(subprog.start);
        }
        while (!work.isEmpty()) {
            int at = work.removeLast();
            if (reached.get(at)) {
                continue;
            }
            reached.set(at);
            for (Insn next : successors(code[at])) {
                work.add(next.index());
            }
        }
        for (int i = 0; i < code.length; i++) {
            if (code[i] != null && !reached.get(i)) {
                throw new At(i, RefusalKind.UNREACHABLE, "unreachable insn " + i);
            }
        }
    }
}

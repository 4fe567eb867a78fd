package org.trufflebpf.cfg;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;
import org.trufflebpf.relo.LoadedProgram;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * Splits a program into functions and basic blocks; the rules are those of the kernel's {@code
 * check_subprogs} and {@code check_cfg}.
 */
public final class ControlFlow {
    /** Number of the helper that replaces the running program, {@code bpf_tail_call}. */
    public static final int TAIL_CALL = 12;

    /** Nested bpf-to-bpf calls, the entry included (kernel: {@code MAX_CALL_FRAMES}). */
    public static final int MAX_CALL_FRAMES = 8;

    /**
     * Longer runs of instructions are cut: the compiler unrolls a block, and gives up at 10,000
     * turns of one loop.
     */
    private static final int MAX_BLOCK = 1000;

    private static final int PSEUDO_FUNC = 4;

    private final ProgramSpec spec;
    private final Where where;

    /** Instructions by slot; {@code null} in the second slot of lddw. */
    private final Insn[] slots;

    private final int[] starts;

    private ControlFlow(LoadedProgram program, Where where) {
        this.spec = program.spec();
        this.where = where;
        Insn last = program.insns().getLast();
        this.slots = new Insn[last.next()];
        for (Insn insn : program.insns()) {
            slots[insn.index()] = insn;
        }
        this.starts = findStarts(program.insns());
    }

    /**
     * The functions of a program, in the order of their addresses, the entry first.
     *
     * @throws BpfException REJECTED where control flow breaks a rule
     */
    public static List<Function> functions(LoadedProgram program, Where where) {
        if (program.insns().isEmpty()) {
            throw BpfException.rejected(where, "a program needs at least one instruction");
        }
        return new ControlFlow(program, where).split();
    }

    /**
     * Index of the function that starts at a slot, by the list that {@link #functions} gave, or -1.
     */
    public static int functionAt(List<Function> functions, int slot) {
        for (Function function : functions) {
            if (function.start() == slot) {
                return function.index();
            }
        }
        return -1;
    }

    /** The slot where a call or a function address leads. */
    public static int callTarget(Insn insn) {
        return insn.index() + 1 + insn.imm();
    }

    public static boolean isFunctionAddress(Insn insn) {
        return insn.opcode().kind() == Kind.LDDW && insn.src() == PSEUDO_FUNC;
    }

    private int[] findStarts(List<Insn> insns) {
        TreeSet<Integer> found = new TreeSet<>();
        found.add(0);
        for (SubprogSpec subprog : spec.subprogs()) {
            found.add(subprog.start());
        }
        for (Insn insn : insns) {
            if (insn.opcode().kind() == Kind.CALL_SUBPROG || isFunctionAddress(insn)) {
                int target = callTarget(insn);
                if (target < 0 || target >= slots.length || slots[target] == null) {
                    throw reject(insn, "calls slot " + target + ", where no function starts");
                }
                found.add(target);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private List<Function> split() {
        List<Function> functions = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : slots.length;
            functions.add(new Function(i, name(i), starts[i], blocks(starts[i], end)));
        }
        checkDepth(functions, 0, new ArrayDeque<>(), new int[functions.size()]);
        return functions;
    }

    /**
     * Calls nest at most {@link #MAX_CALL_FRAMES} deep and never reach a function from itself;
     * callbacks count.
     *
     * @param callers the functions that are being called, the innermost first
     * @param heights the frames that each function needs in all, 0 if not known yet
     * @return the frames that the function needs
     */
    private int checkDepth(
            List<Function> functions, int index, Deque<Integer> callers, int[] heights) {
        Function function = functions.get(index);
        if (callers.contains(index)) {
            throw BpfException.rejected(
                    where,
                    "recursive call from "
                            + functions.get(callers.peek()).name()
                            + "() to "
                            + function.name()
                            + "()");
        }
        int frames = callers.size() + Math.max(1, heights[index]);
        if (frames > MAX_CALL_FRAMES) {
            throw BpfException.rejected(
                    where, "the call stack of " + frames + " frames is too deep");
        }
        if (heights[index] == 0) {
            callers.push(index);
            int height = 0;
            for (Block block : function.blocks()) {
                for (Insn insn : block.body()) {
                    if (insn.opcode().kind() == Kind.CALL_SUBPROG || isFunctionAddress(insn)) {
                        int callee = functionAt(functions, callTarget(insn));
                        height = Math.max(height, checkDepth(functions, callee, callers, heights));
                    }
                }
            }
            callers.pop();
            heights[index] = height + 1;
        }
        return heights[index];
    }

    private String name(int index) {
        for (SubprogSpec subprog : spec.subprogs()) {
            if (subprog.start() == starts[index]) {
                return subprog.name();
            }
        }
        return index == 0 ? spec.name() : "subprog_" + index;
    }

    private List<Block> blocks(int start, int end) {
        BitSet leaders = new BitSet();
        BitSet reached = reach(start, end, leaders);
        cutLongBlocks(reached, leaders);
        int[] blockAt = new int[end - start];
        int count = 0;
        for (int slot = leaders.nextSetBit(0); slot >= 0; slot = leaders.nextSetBit(slot + 1)) {
            if (reached.get(slot)) {
                blockAt[slot - start] = count++;
            }
        }
        List<Block> blocks = new ArrayList<>(count);
        for (int slot = leaders.nextSetBit(0); slot >= 0; slot = leaders.nextSetBit(slot + 1)) {
            if (reached.get(slot)) {
                blocks.add(block(blocks.size(), slot, start, leaders, blockAt));
            }
        }
        return blocks;
    }

    /**
     * Walks all paths from the start of a function; marks what they reach and where blocks begin.
     */
    private BitSet reach(int start, int end, BitSet leaders) {
        BitSet reached = new BitSet();
        List<Integer> work = new ArrayList<>(List.of(start));
        leaders.set(start);
        while (!work.isEmpty()) {
            int slot = work.removeLast();
            while (!reached.get(slot)) {
                reached.set(slot);
                Insn insn = slots[slot];
                if (jumps(insn)) {
                    int target = insn.target();
                    if (target < start || target >= end || slots[target] == null) {
                        throw reject(insn, "jump out of range from insn " + slot + " to " + target);
                    }
                    leaders.set(target);
                    work.add(target);
                }
                if (endsPath(insn)) {
                    break;
                }
                if (insn.next() >= end) {
                    throw reject(
                            insn, "the last instruction of a function has to be an exit or a jump");
                }
                if (isBranch(insn)) {
                    leaders.set(insn.next());
                }
                slot = insn.next();
            }
        }
        return reached;
    }

    private static void cutLongBlocks(BitSet reached, BitSet leaders) {
        int length = 0;
        for (int slot = reached.nextSetBit(0); slot >= 0; slot = reached.nextSetBit(slot + 1)) {
            if (length == MAX_BLOCK) {
                leaders.set(slot);
            }
            length = leaders.get(slot) ? 1 : length + 1;
        }
    }

    private Block block(int index, int first, int start, BitSet leaders, int[] blockAt) {
        List<Insn> body = new ArrayList<>();
        Insn insn = slots[first];
        while (true) {
            if (isBranch(insn)) {
                int taken = jumps(insn) ? blockAt[insn.target() - start] : Block.EXIT;
                return new Block(index, body, insn, taken, blockAt[insn.next() - start]);
            }
            switch (insn.opcode().kind()) {
                case JA, JA32 -> {
                    body.add(insn);
                    return new Block(index, body, null, Block.EXIT, blockAt[insn.target() - start]);
                }
                case EXIT -> {
                    body.add(insn);
                    return new Block(index, body, null, Block.EXIT, Block.EXIT);
                }
                default -> body.add(insn);
            }
            if (leaders.get(insn.next())) {
                return new Block(index, body, null, Block.EXIT, blockAt[insn.next() - start]);
            }
            insn = slots[insn.next()];
        }
    }

    private static boolean jumps(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JA, JA32, JCC, MAY_GOTO -> true;
            default -> false;
        };
    }

    private static boolean endsPath(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JA, JA32, EXIT -> true;
            default -> false;
        };
    }

    /** Whether an instruction decides between two ways. */
    private static boolean isBranch(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JCC, MAY_GOTO, LD_ABS, LD_IND -> true;
            case CALL_HELPER -> insn.imm() == TAIL_CALL;
            default -> false;
        };
    }

    private BpfException reject(Insn insn, String message) {
        var line = spec.line(insn.index());
        return BpfException.rejected(
                where.at(insn.index(), line == null ? null : line.describe()), message);
    }
}

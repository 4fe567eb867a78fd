package org.trufflebpf.nodes;

import com.oracle.truffle.api.HostCompilerDirectives.BytecodeInterpreterSwitch;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.nodes.InterpreterCode.Op;
import org.trufflebpf.runtime.Run;

/**
 * What runs a function until it is compiled: two loops over {@link InterpreterCode}. A tree of
 * nodes costs a call that cannot be predicted for each instruction; here it is one jump through a
 * table. Partial evaluation never sees it: compiled code is made of the nodes, whose meaning the
 * inner loop repeats for arithmetic, jumps and accesses to memory. The outer loop runs the nodes of
 * everything else.
 *
 * <p>The inner loop calls nothing, so that the host's compiler keeps its variables in registers of
 * the machine. Registers of the program are in an array meanwhile, and in the frame while a node
 * runs.
 */
final class Interpreter {
    /** Back edges between polls; divides the interval in which Truffle looks at their count. */
    static final int STRIDE = 16;

    /** Where the registers' array has the number of back edges so far. */
    private static final int LOOPS = Registers.ZERO + 1;

    private Interpreter() {}

    /** Runs from the start of a block to the end of the function. */
    static Object run(FunctionNode function, VirtualFrame frame, Memory memory, int block) {
        InterpreterCode program = function.interpreted();
        long[] registers = new long[LOOPS + 1];
        load(frame, registers);
        int at = program.start(block);
        while (true) {
            if (at < 0) {
                at = ~at;
                store(frame, registers);
                Object result = function.backEdges(frame, at, (int) registers[LOOPS]);
                if (result != null) {
                    return result;
                }
            }
            at = runSimple(program.code, program.counts, registers, memory, at);
            if (at < 0) {
                continue;
            }
            long word = program.code[at];
            int value = InterpreterCode.value(word);
            switch ((int) word & 0xff) {
                case Op.CHECK -> {
                    MemoryNode node = (MemoryNode) program.nodes[value];
                    Run run = Arguments.run(frame);
                    node.check(run, registers[InterpreterCode.dst(word)] + node.offset);
                    at += 2;
                }
                case Op.NODE -> {
                    store(frame, registers);
                    program.nodes[value].execute(frame);
                    load(frame, registers);
                    at += 2;
                }
                case Op.CONDITION -> {
                    store(frame, registers);
                    boolean taken =
                            ((ConditionNode) program.nodes[(int) program.code[at + 1]]).test(frame);
                    load(frame, registers);
                    int target = follow(program.counts, at, word, taken);
                    if (target <= at && isPolled(registers)) {
                        target = ~target;
                    }
                    at = target;
                }
                case Op.EXIT -> {
                    function.reportLoops((int) registers[LOOPS]);
                    return registers[Registers.R0];
                }
                default -> throw new IllegalStateException("no operation " + word);
            }
        }
    }

    /**
     * Runs up to an instruction that takes more, and gives its position; or the complement of where
     * a back edge leads, each {@link #STRIDE}th time.
     */
    @BytecodeInterpreterSwitch
    private static int runSimple(long[] code, int[] counts, long[] r, Memory memory, int start) {
        int at = start;
        while (true) {
            long word = code[at];
            int dst = InterpreterCode.dst(word);
            long right = r[InterpreterCode.src(word)] + code[at + 1];
            int next = at + 2;
            switch ((int) word & 0xff) {
                case Op.ADD64 -> r[dst] += right;
                case Op.SUB64 -> r[dst] -= right;
                case Op.MUL64 -> r[dst] *= right;
                case Op.OR64 -> r[dst] |= right;
                case Op.AND64 -> r[dst] &= right;
                case Op.XOR64 -> r[dst] ^= right;
                case Op.MOV64 -> r[dst] = right;
                case Op.LSH64 -> r[dst] <<= right;
                case Op.RSH64 -> r[dst] >>>= right;
                case Op.ARSH64 -> r[dst] >>= right;
                case Op.DIV64 -> r[dst] = right == 0 ? 0 : Long.divideUnsigned(r[dst], right);
                case Op.MOD64 ->
                        r[dst] = right == 0 ? r[dst] : Long.remainderUnsigned(r[dst], right);
                case Op.ADD32 -> r[dst] = unsigned((int) r[dst] + (int) right);
                case Op.SUB32 -> r[dst] = unsigned((int) r[dst] - (int) right);
                case Op.MUL32 -> r[dst] = unsigned((int) r[dst] * (int) right);
                case Op.OR32 -> r[dst] = unsigned((int) r[dst] | (int) right);
                case Op.AND32 -> r[dst] = unsigned((int) r[dst] & (int) right);
                case Op.XOR32 -> r[dst] = unsigned((int) r[dst] ^ (int) right);
                case Op.MOV32 -> r[dst] = unsigned((int) right);
                case Op.LSH32 -> r[dst] = unsigned((int) r[dst] << (int) right);
                case Op.RSH32 -> r[dst] = unsigned((int) r[dst] >>> (int) right);
                case Op.ARSH32 -> r[dst] = unsigned((int) r[dst] >> (int) right);
                case Op.DIV32 ->
                        r[dst] =
                                right << 32 == 0
                                        ? 0
                                        : unsigned(
                                                Integer.divideUnsigned((int) r[dst], (int) right));
                case Op.MOD32 ->
                        r[dst] =
                                unsigned(
                                        right << 32 == 0
                                                ? (int) r[dst]
                                                : Integer.remainderUnsigned(
                                                        (int) r[dst], (int) right));
                case Op.NEG -> r[dst] = kept(-r[dst], word);
                case Op.MOVSX8 -> r[dst] = kept((byte) right, word);
                case Op.MOVSX16 -> r[dst] = kept((short) right, word);
                case Op.MOVSX32 -> r[dst] = kept((int) right, word);
                case Op.BSWAP16 -> r[dst] = unsigned(Integer.reverseBytes((int) r[dst]) >>> 16);
                case Op.BSWAP32 -> r[dst] = unsigned(Integer.reverseBytes((int) r[dst]));
                case Op.BSWAP64 -> r[dst] = Long.reverseBytes(r[dst]);
                case Op.LOAD8 -> r[dst] = memory.getByte(right, offset(word)) & 0xffL;
                case Op.LOAD16 -> r[dst] = memory.getShort(right, offset(word)) & 0xffffL;
                case Op.LOAD32 -> r[dst] = unsigned(memory.getInt(right, offset(word)));
                case Op.LOAD64 -> r[dst] = memory.getLong(right, offset(word));
                case Op.LOADS8 -> r[dst] = memory.getByte(right, offset(word));
                case Op.LOADS16 -> r[dst] = memory.getShort(right, offset(word));
                case Op.LOADS32 -> r[dst] = memory.getInt(right, offset(word));
                case Op.STORE8 -> memory.putByte(r[dst], offset(word), (byte) right);
                case Op.STORE16 -> memory.putShort(r[dst], offset(word), (short) right);
                case Op.STORE32 -> memory.putInt(r[dst], offset(word), (int) right);
                case Op.STORE64 -> memory.putLong(r[dst], offset(word), right);
                case Op.JUMP -> next = InterpreterCode.value(word);
                case Op.JEQ ->
                        next = follow(counts, at, word, (r[dst] ^ right) << shift(word) == 0);
                case Op.JNE ->
                        next = follow(counts, at, word, (r[dst] ^ right) << shift(word) != 0);
                case Op.JSET ->
                        next = follow(counts, at, word, (r[dst] & right) << shift(word) != 0);
                case Op.JGT -> next = follow(counts, at, word, compare(r[dst], right, word) > 0);
                case Op.JGE -> next = follow(counts, at, word, compare(r[dst], right, word) >= 0);
                case Op.JLT -> next = follow(counts, at, word, compare(r[dst], right, word) < 0);
                case Op.JLE -> next = follow(counts, at, word, compare(r[dst], right, word) <= 0);
                case Op.JSGT ->
                        next =
                                follow(
                                        counts,
                                        at,
                                        word,
                                        r[dst] << shift(word) > right << shift(word));
                case Op.JSGE ->
                        next =
                                follow(
                                        counts,
                                        at,
                                        word,
                                        r[dst] << shift(word) >= right << shift(word));
                case Op.JSLT ->
                        next =
                                follow(
                                        counts,
                                        at,
                                        word,
                                        r[dst] << shift(word) < right << shift(word));
                case Op.JSLE ->
                        next =
                                follow(
                                        counts,
                                        at,
                                        word,
                                        r[dst] << shift(word) <= right << shift(word));
                default -> {
                    return at;
                }
            }
            if (next <= at && isPolled(r)) {
                return ~next;
            }
            at = next;
        }
    }

    private static void load(VirtualFrame frame, long[] registers) {
        for (int i = 0; i < Registers.COUNT; i++) {
            registers[i] = Registers.get(frame, i);
        }
    }

    private static void store(VirtualFrame frame, long[] registers) {
        for (int i = 0; i < Registers.COUNT; i++) {
            Registers.set(frame, i, registers[i]);
        }
    }

    /** The bits that an operation leaves out; shifts look at no more than these. */
    private static long shift(long word) {
        return word >> 16;
    }

    /** A result without the bits that the operation leaves out. */
    private static long kept(long value, long word) {
        return value << shift(word) >>> shift(word);
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    private static int compare(long left, long right, long word) {
        return Long.compareUnsigned(left << shift(word), right << shift(word));
    }

    private static short offset(long word) {
        return (short) (word >> 32);
    }

    /**
     * Counts a way of a branch, and gives the position that follows. Each way has its own store, so
     * that the host's compiler makes a jump of it, which the machine can predict.
     */
    private static int follow(int[] counts, int at, long word, boolean taken) {
        if (taken) {
            count(counts, at);
            return InterpreterCode.value(word);
        }
        count(counts, at + 1);
        return at + 2;
    }

    /** Counts up to 2^30. */
    private static void count(int[] counts, int at) {
        counts[at] += 1 - (counts[at] >>> 30);
    }

    /** Counts a back edge. */
    private static boolean isPolled(long[] registers) {
        return (++registers[LOOPS] & (STRIDE - 1)) == 0;
    }
}

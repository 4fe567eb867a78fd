package org.trufflebpf.nodes;

import org.trufflebpf.cfg.Block;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A function as {@link Interpreter} reads it: two words for each instruction, block after block.
 *
 * <pre>
 * first   bits 0-7   operation, see {@link Op}
 *         bits 8-11  destination register
 *         bits 12-15 source register, {@link Registers#ZERO} where there is an immediate
 *         bits 16-21 bits that the operation leaves out: 32 in the 32-bit forms, else 0
 *         bits 32-63 where a jump leads, offset of an access, or number of a node
 * second  the immediate, 0 where there is a source register; number of a condition's node
 * </pre>
 *
 * <p>The operand of every operation thus is the source register plus the immediate, and of a jump
 * both sides are shifted by the bits left out. What has no operation of its own runs its node.
 */
final class InterpreterCode {
    /** Operations; numbers, so that the interpreter's switch is a table. */
    static final class Op {
        static final int NODE = 0;
        static final int CONDITION = 1;
        static final int CHECK = 2;
        static final int EXIT = 3;
        static final int ADD64 = 4;
        static final int SUB64 = 5;
        static final int MUL64 = 6;
        static final int OR64 = 7;
        static final int AND64 = 8;
        static final int XOR64 = 9;
        static final int MOV64 = 10;
        static final int LSH64 = 11;
        static final int RSH64 = 12;
        static final int ARSH64 = 13;
        static final int DIV64 = 14;
        static final int MOD64 = 15;
        static final int ADD32 = 16;
        static final int SUB32 = 17;
        static final int MUL32 = 18;
        static final int OR32 = 19;
        static final int AND32 = 20;
        static final int XOR32 = 21;
        static final int MOV32 = 22;
        static final int LSH32 = 23;
        static final int RSH32 = 24;
        static final int ARSH32 = 25;
        static final int DIV32 = 26;
        static final int MOD32 = 27;
        static final int NEG = 28;
        static final int MOVSX8 = 29;
        static final int MOVSX16 = 30;
        static final int MOVSX32 = 31;
        static final int BSWAP16 = 32;
        static final int BSWAP32 = 33;
        static final int BSWAP64 = 34;
        static final int LOAD8 = 35;
        static final int LOAD16 = 36;
        static final int LOAD32 = 37;
        static final int LOAD64 = 38;
        static final int LOADS8 = 39;
        static final int LOADS16 = 40;
        static final int LOADS32 = 41;
        static final int STORE8 = 42;
        static final int STORE16 = 43;
        static final int STORE32 = 44;
        static final int STORE64 = 45;
        static final int JUMP = 46;
        static final int JEQ = 47;
        static final int JNE = 48;
        static final int JSET = 49;
        static final int JGT = 50;
        static final int JGE = 51;
        static final int JLT = 52;
        static final int JLE = 53;
        static final int JSGT = 54;
        static final int JSGE = 55;
        static final int JSLT = 56;
        static final int JSLE = 57;

        private Op() {}
    }

    /** In place of a position: there is no branch. */
    static final int NOWHERE = -1;

    private long[] words = new long[64];
    private int length;
    private final List<InsnNode> called = new ArrayList<>();

    /** The instructions. */
    final long[] code;

    /** What {@link Op#NODE} and {@link Op#CONDITION} run. */
    final InsnNode[] nodes;

    /** How often the branch at a position was taken, and behind it how often not. */
    final int[] counts;

    /** Where each block begins. */
    private final int[] starts;

    InterpreterCode(BlockNode[] blocks) {
        int[] positions = new int[blocks.length];
        int[] branches = new int[blocks.length];
        for (int i = 0; i < blocks.length; i++) {
            positions[i] = length;
            branches[i] = blocks[i].encode(this);
            int next = blocks[i].next;
            if (next == Block.EXIT) {
                add(Op.EXIT, 0, Registers.ZERO, 0, 0, 0);
            } else if (next != i + 1) {
                add(Op.JUMP, 0, Registers.ZERO, 0, next, 0);
            }
        }
        int exit = length;
        add(Op.EXIT, 0, Registers.ZERO, 0, 0, 0);
        for (int at = 0; at < length; at += 2) {
            if (isJump(words[at])) {
                int block = value(words[at]);
                words[at] = withValue(words[at], block == Block.EXIT ? exit : positions[block]);
            }
        }
        this.code = Arrays.copyOf(words, length);
        this.words = null;
        this.nodes = called.toArray(InsnNode[]::new);
        this.starts = positions;
        this.counts = new int[length];
        for (int i = 0; i < blocks.length; i++) {
            if (branches[i] != NOWHERE) {
                blocks[i].count(counts, branches[i]);
            }
        }
    }

    private static boolean isJump(long word) {
        int op = (int) word & 0xff;
        return op == Op.CONDITION || op >= Op.JUMP;
    }

    static int dst(long word) {
        return (int) word >> 8 & 0xf;
    }

    static int src(long word) {
        return (int) word >> 12 & 0xf;
    }

    static int value(long word) {
        return (int) (word >> 32);
    }

    private static long withValue(long word, int value) {
        return (word & 0xffff_ffffL) | ((long) value << 32);
    }

    /** Position of a block's first instruction. */
    int start(int block) {
        return starts[block];
    }

    /** The block that begins at a position. */
    int block(int position) {
        // blocks without instructions of their own share a position with the one behind
        int found = Arrays.binarySearch(starts, position);
        while (found > 0 && starts[found - 1] == position) {
            found--;
        }
        return found;
    }

    /** Appends an instruction and gives its position. */
    int add(int op, int dst, int src, int left, int value, long imm) {
        if (length == words.length) {
            words = Arrays.copyOf(words, 2 * length);
        }
        int at = length;
        words[at] = withValue(op | (long) dst << 8 | (long) src << 12 | (long) left << 16, value);
        words[at + 1] = imm;
        length += 2;
        return at;
    }

    /** Number of a node that an instruction runs. */
    int node(InsnNode node) {
        called.add(node);
        return called.size() - 1;
    }
}

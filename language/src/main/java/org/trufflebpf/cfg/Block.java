package org.trufflebpf.cfg;

import org.trufflebpf.insn.Insn;

import java.util.List;

/**
 * A basic block of a function: instructions that run one after the other, and what comes after
 * them.
 *
 * @param index position among the blocks of the function; in the order of addresses, so that an
 *     edge to an equal or smaller index is a back edge
 * @param body the instructions, without the one in {@code branch}
 * @param branch the last instruction where it decides between two ways (a conditional jump,
 *     may_goto, packet access, a tail call), else {@code null}
 * @param taken block where {@code branch} leads when it is taken, or {@link #EXIT}
 * @param next block that follows otherwise, or {@link #EXIT} if the function returns
 */
public record Block(int index, List<Insn> body, Insn branch, int taken, int next) {
    /** In place of a block's index: the function returns r0. */
    public static final int EXIT = -1;

    public Block {
        body = List.copyOf(body);
    }

    /** Number of instructions. */
    public int length() {
        return body.size() + (branch == null ? 0 : 1);
    }

    /** Where it may lead; {@link #EXIT} if the function may return. */
    public int[] successors() {
        return branch == null ? new int[] {next} : new int[] {taken, next};
    }
}

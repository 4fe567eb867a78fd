package org.trufflebpf.insn;

/**
 * Says what the numbers in an instruction stand for: the helper or kfunc of a call, the subprogram
 * it goes to, the map or variable of a lddw. The knowledge lives in later stages; the {@link
 * Listing} shows it as a comment.
 */
@FunctionalInterface
public interface OperandNames {
    /** Knows no names. */
    OperandNames NONE = insn -> null;

    /**
     * The name to show behind an instruction, such as {@code bpf_map_lookup_elem}, or {@code null}.
     */
    String name(Insn insn);
}

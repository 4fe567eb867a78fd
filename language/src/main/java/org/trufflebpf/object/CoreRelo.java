package org.trufflebpf.object;

/**
 * One CO-RE relocation record ({@code struct bpf_core_relo}).
 *
 * @param insn index of the instruction to patch, in slots of the linked program
 * @param typeId root type in the object's BTF
 * @param access the access string, such as {@code 0:1:2}
 * @param kind {@code enum bpf_core_relo_kind}, 0 to 12
 */
public record CoreRelo(int insn, int typeId, String access, int kind) {}

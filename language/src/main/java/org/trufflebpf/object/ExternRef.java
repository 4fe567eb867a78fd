package org.trufflebpf.object;

/**
 * A reference of an instruction to something the environment has to supply: a {@code __ksym}
 * variable (lddw) or function (kfunc call, or lddw of its address). References to {@code .kconfig}
 * variables are not here: they are ordinary references into the map {@code .kconfig}.
 *
 * @param insn index of the lddw or call, in slots of the linked program
 * @param name the symbol's name, with its {@code ___flavor} suffix if any
 * @param weak unresolved gives 0 (lddw) or fails only if reached (call)
 * @param function a function, else a variable
 * @param typeId BTF type id of its FUNC or VAR in the object's BTF, or 0
 */
public record ExternRef(int insn, String name, boolean weak, boolean function, int typeId) {}

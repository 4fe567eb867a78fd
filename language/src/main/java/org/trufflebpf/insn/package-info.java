/**
 * Encoding. Bytes of a program enter, a list of {@link org.trufflebpf.insn.Insn} leaves; every
 * instruction in it is a row of the {@link org.trufflebpf.insn.Opcode} table with all unused fields
 * zero. The disassembler goes the other way, to the text of {@code llvm-objdump}.
 */
package org.trufflebpf.insn;

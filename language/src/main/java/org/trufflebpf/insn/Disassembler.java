package org.trufflebpf.insn;

/** Writes instructions as {@code llvm-objdump -d} does. */
public final class Disassembler {
    private Disassembler() {}

    static String text(Insn insn) {
        return insn.opcode().name();
    }
}

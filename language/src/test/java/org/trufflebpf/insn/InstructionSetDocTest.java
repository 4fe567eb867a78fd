package org.trufflebpf.insn;

import org.junit.jupiter.api.Test;

/** The documentation of the instruction set says what the table says. */
class InstructionSetDocTest {
    @Test
    void theDocumentIsTheTable() {
        GoldenFile.check(GoldenFile.document("instruction-set.md"), InstructionSetDoc.text());
    }
}

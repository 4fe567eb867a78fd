package org.trufflebpf.helper;

import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.GoldenFile;

/** The documents say what the tables say. */
class DocumentsTest {
    @Test
    void helpers() {
        GoldenFile.check(GoldenFile.document("helpers.md"), HelperDoc.text());
    }

    @Test
    void programTypes() {
        GoldenFile.check(GoldenFile.document("program-types.md"), ProgramTypeDoc.text());
    }

    @Test
    void parity() {
        GoldenFile.check(GoldenFile.document("parity.md"), ParityDoc.text());
    }
}

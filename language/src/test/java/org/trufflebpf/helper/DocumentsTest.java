package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.GoldenFile;

import java.util.List;

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

    /** Of the helpers those that only bracket a section can be shown by nothing. */
    @Test
    void everyHelperThatWorksHasATest() {
        List<String> without =
                ParityDoc.text()
                        .lines()
                        .filter(line -> line.matches(".*\\| works \\| `\\w+` \\|  \\|.*"))
                        .filter(line -> !line.contains("`IterKfuncs`"))
                        .toList();
        assertEquals(List.of(), without);
    }

    @Test
    void parity() {
        GoldenFile.check(GoldenFile.document("parity.md"), ParityDoc.text());
    }
}

package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.insn.GoldenFile;

import java.util.Set;
import java.util.TreeSet;

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
    void everyRowThatWorksHasATest() {
        Set<String> without = new TreeSet<>();
        ParityDoc.text()
                .lines()
                .filter(line -> line.matches(".*\\| works \\| `\\w+` \\|  \\|.*"))
                .forEach(line -> without.add(line.split("`")[1]));
        assertEquals(Set.of(), without);
    }

    @Test
    void theSuiteHasFourHundredPrograms() {
        int size = ParitySuite.read().size();
        assertTrue(size >= 400, () -> size + " programs");
    }

    @Test
    void parity() {
        GoldenFile.check(GoldenFile.document("parity.md"), ParityDoc.text());
    }
}

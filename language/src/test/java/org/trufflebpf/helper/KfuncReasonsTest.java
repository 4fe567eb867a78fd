package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Each kernel function either works or is refused for a reason. */
class KfuncReasonsTest {
    private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");

    @Test
    void noFunctionHasBoth() {
        for (HelperRow row : KfuncTable.rows()) {
            assertNull(KfuncReasons.of(row.fullName()), row.fullName());
        }
    }

    /** The kernel marks its functions with the declaration tag {@code bpf_kfunc}. */
    @Test
    void eachFunctionOfTheRunningKernelHasARow() throws IOException {
        Assumptions.assumeTrue(Files.isReadable(BTF), "needs the types of a kernel");
        String release = System.getProperty("os.version");
        Assumptions.assumeTrue(
                release.startsWith("6.18"), () -> "written for Linux 6.18, this is " + release);
        Btf btf = Btf.parse(BTF.toString(), Files.readAllBytes(BTF));
        Set<String> without = new TreeSet<>();
        int functions = 0;
        for (int id = 1; id < btf.typeCount(); id++) {
            if (btf.type(id) instanceof BtfType.DeclTag tag && tag.name().equals("bpf_kfunc")) {
                String name = btf.name(tag.target());
                functions++;
                if (KfuncTable.byName(name) == null && KfuncReasons.of(name) == null) {
                    without.add(name);
                }
            }
        }
        assertTrue(functions > 100, "no functions were found");
        assertEquals(Set.of(), without);
    }
}

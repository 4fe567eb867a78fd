package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    /** Rows that work and that no test names yet; the list only gets shorter. */
    private static final Set<String> WITHOUT_A_TEST =
            Set.of(
                    "inode_storage",
                    "cgrp_storage",
                    "bpf_get_stackid",
                    "bpf_get_stack",
                    "bpf_sk_storage_get",
                    "bpf_sk_storage_delete",
                    "bpf_inode_storage_get",
                    "bpf_inode_storage_delete",
                    "bpf_per_cpu_ptr",
                    "bpf_this_cpu_ptr",
                    "bpf_task_storage_get",
                    "bpf_task_storage_delete",
                    "bpf_cgrp_storage_get",
                    "bpf_cgrp_storage_delete",
                    "bpf_arena_reserve_pages",
                    "bpf_cpumask_any_and_distribute",
                    "bpf_cpumask_any_distribute",
                    "bpf_cpumask_copy",
                    "bpf_cpumask_first_and",
                    "bpf_cpumask_populate",
                    "bpf_cpumask_xor",
                    "bpf_dynptr_copy",
                    "bpf_dynptr_from_skb_meta",
                    "bpf_dynptr_from_xdp",
                    "bpf_dynptr_memset",
                    "bpf_list_back",
                    "bpf_list_front",
                    "bpf_percpu_obj_drop_impl",
                    "bpf_percpu_obj_new_impl",
                    "bpf_task_work_schedule_resume_impl",
                    "bpf_task_work_schedule_signal_impl");

    @Test
    void everyRowThatWorksHasATestOrIsListed() {
        Set<String> without = new TreeSet<>();
        ParityDoc.text()
                .lines()
                .filter(line -> line.matches(".*\\| works \\| `\\w+` \\|  \\|.*"))
                .filter(line -> !line.contains("`IterKfuncs`"))
                .forEach(line -> without.add(line.split("`")[1]));
        // the test names its list, which must not count as a test of the rows
        assertEquals(new TreeSet<>(WITHOUT_A_TEST), without);
    }

    @Test
    void parity() {
        GoldenFile.check(GoldenFile.document("parity.md"), ParityDoc.text());
    }
}

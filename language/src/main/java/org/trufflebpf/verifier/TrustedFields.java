package org.trufflebpf.verifier;

import java.util.HashMap;
import java.util.Map;

/**
 * Members of kernel structures that are as good as the pointer that they are read from: trusted, or
 * protected by RCU (kernel: the {@code BTF_TYPE_SAFE_*} lists).
 */
final class TrustedFields {
    /** How good a pointer in a member is. */
    enum Trust {
        TRUSTED,
        TRUSTED_OR_NULL,
        RCU,
        RCU_OR_NULL
    }

    private static final String ROWS =
            """
            TRUSTED         bpf_iter_meta        seq
            TRUSTED         bpf_iter__task       meta task
            TRUSTED         linux_binprm         file
            TRUSTED         file                 f_inode
            TRUSTED_OR_NULL dentry               d_inode
            TRUSTED_OR_NULL socket               sk
            RCU             task_struct          cpus_ptr cgroups real_parent group_leader
            RCU             cgroup               kn
            RCU             css_set              dfl_cgrp
            RCU             cgroup_subsys_state  cgroup
            RCU_OR_NULL     mm_struct            exe_file
            RCU_OR_NULL     sk_buff              sk
            RCU_OR_NULL     request_sock         sk
            """;

    private static final Map<String, Trust> ROWS_BY_NAME = build();

    private TrustedFields() {}

    /** The trust of a member, or {@code null} where none is said. */
    static Trust of(String struct, String member) {
        return ROWS_BY_NAME.get(struct + "." + member);
    }

    private static Map<String, Trust> build() {
        Map<String, Trust> rows = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            String[] words = line.split(" +");
            for (int i = 2; i < words.length; i++) {
                rows.put(words[1] + "." + words[i], Trust.valueOf(words[0]));
            }
        }
        return Map.copyOf(rows);
    }
}

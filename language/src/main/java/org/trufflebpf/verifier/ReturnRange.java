package org.trufflebpf.verifier;

import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.util.Set;

/** What a program may return, by type and attach type (kernel: {@code check_return_code}). */
record ReturnRange(long min, long max) {
    private static final int MAX_ERRNO = 4095;

    /** Hooks of security modules that return a truth value. */
    private static final Set<String> BOOLEAN_HOOKS =
            Set.of("audit_rule_known", "inode_xattr_skipcap");

    /** What a hook of a security module may return that does return something. */
    static ReturnRange ofHook(String hook) {
        return BOOLEAN_HOOKS.contains(hook) ? of(0, 1) : of(-MAX_ERRNO, 0);
    }

    private static ReturnRange of(long min, long max) {
        return new ReturnRange(min, max);
    }

    /** The range, or {@code null} where every number is allowed. */
    static ReturnRange of(ProgramType type, AttachType attach) {
        String name = attach == null ? "" : attach.name();
        return switch (type) {
            case CGROUP_SOCK_ADDR -> {
                if (name.contains("RECVMSG")
                        || name.contains("GETPEERNAME")
                        || name.contains("GETSOCKNAME")) {
                    yield of(1, 1);
                }
                yield name.equals("CGROUP_INET4_BIND") || name.equals("CGROUP_INET6_BIND")
                        ? of(0, 3)
                        : of(0, 1);
            }
            case CGROUP_SKB -> name.equals("CGROUP_INET_EGRESS") ? of(0, 3) : of(0, 1);
            case CGROUP_SOCK, SOCK_OPS, CGROUP_DEVICE, CGROUP_SYSCTL, CGROUP_SOCKOPT -> of(0, 1);
            case RAW_TRACEPOINT -> null;
            case TRACING ->
                    switch (name) {
                        case "TRACE_FENTRY", "TRACE_FEXIT" -> of(0, 0);
                        case "TRACE_ITER" -> of(0, 1);
                        default -> null;
                    };
            case SK_LOOKUP -> of(0, 1);
            case NETFILTER -> of(0, 1);
            case KPROBE -> name.contains("SESSION") ? of(0, 1) : null;
            default -> null;
        };
    }
}

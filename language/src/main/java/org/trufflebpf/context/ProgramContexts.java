package org.trufflebpf.context;

import org.trufflebpf.uapi.ProgramType;

/** The context of each program type. */
public final class ProgramContexts {
    private static final ProgramContext[] ROWS = build();

    private ProgramContexts() {}

    public static ProgramContext of(ProgramType type) {
        return ROWS[type.number()];
    }

    private static ProgramContext[] build() {
        ProgramContext[] rows = new ProgramContext[ProgramType.values().length];
        for (ProgramType type : ProgramType.values()) {
            rows[type.number()] = context(type);
        }
        return rows;
    }

    private static ProgramContext context(ProgramType type) {
        return switch (type) {
            case XDP -> XdpContext.INSTANCE;
            case SCHED_CLS, SCHED_ACT -> SkbContext.LINK;
            case SOCKET_FILTER, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL, SK_SKB -> SkbContext.NETWORK;
            default -> MemoryContext.UNTYPED;
        };
    }
}

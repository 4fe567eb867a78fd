package org.trufflebpf.context;

import java.util.Map;

/**
 * The input of a test run.
 *
 * @param data the packet ({@code data_in}), or {@code null}
 * @param ctx the context structure ({@code ctx_in}), or {@code null}
 * @param args u64 arguments for program types whose context is an array of them, or {@code null}
 * @param repeat how often to run, at least 1
 * @param cpu the virtual CPU
 * @param target what an iterator walks: {@code map}, {@code cgroup}, {@code order}, {@code pid}
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunInput(
        byte[] data, byte[] ctx, long[] args, int repeat, int cpu, Map<String, String> target) {
    public RunInput(byte[] data, byte[] ctx, long[] args, int repeat, int cpu) {
        this(data, ctx, args, repeat, cpu, Map.of());
    }
}

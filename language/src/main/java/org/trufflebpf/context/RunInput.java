package org.trufflebpf.context;

/**
 * The input of a test run.
 *
 * @param data the packet ({@code data_in}), or {@code null}
 * @param ctx the context structure ({@code ctx_in}), or {@code null}
 * @param args u64 arguments for program types whose context is an array of them, or {@code null}
 * @param repeat how often to run, at least 1
 * @param cpu the virtual CPU
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunInput(byte[] data, byte[] ctx, long[] args, int repeat, int cpu) {}

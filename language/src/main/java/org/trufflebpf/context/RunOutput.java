package org.trufflebpf.context;

/**
 * What a test run gives back.
 *
 * @param retval the return value as {@code BPF_PROG_TEST_RUN} reports it: the low 32 bits of r0
 * @param r0 all of r0
 * @param dataOut the packet after the run, or {@code null} for types without one
 * @param ctxOut the context after the run, or {@code null} for types that give none
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunOutput(int retval, long r0, byte[] dataOut, byte[] ctxOut) {}

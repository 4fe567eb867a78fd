package org.trufflebpf.launcher.engine;

/**
 * A record that a program sent to user space.
 *
 * @param map the ring buffer or perf event array it was sent through
 * @param cpu the virtual CPU it was sent on
 */
@SuppressWarnings("ArrayRecordComponent")
public record Event(String map, int cpu, byte[] data) {}

package org.trufflebpf.api;

/**
 * A record that a program sent to user space.
 *
 * @param map name of the ring buffer or perf event array
 * @param cpu the virtual CPU that sent it
 * @param data its bytes
 */
@SuppressWarnings("ArrayRecordComponent")
public record BpfEvent(String map, int cpu, byte[] data) {}

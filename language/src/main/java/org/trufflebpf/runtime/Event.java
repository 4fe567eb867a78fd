package org.trufflebpf.runtime;

/**
 * A record that a program sent to user space through a perf event array or a ring buffer.
 *
 * @param map name of the map
 * @param cpu the virtual CPU it was sent on
 * @param data the record's bytes
 */
@SuppressWarnings("ArrayRecordComponent")
public record Event(String map, int cpu, byte[] data) {}

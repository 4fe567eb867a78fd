package org.trufflebpf.launcher.engine;

/**
 * A map with its entries. The entries are read while they are iterated, so that a large map is
 * never held twice.
 *
 * @param count number of entries
 */
public record MapDump(MapInfo info, long count, Iterable<MapEntry> entries) {}

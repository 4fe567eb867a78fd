package org.trufflebpf.launcher.engine;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A map with its entries. The entries are read while they are iterated, so that a large map is
 * never held twice.
 *
 * @param count number of entries
 * @param left how many of them {@code entries} leaves out
 */
public record MapDump(MapInfo info, long count, long left, Iterable<MapEntry> entries) {
    /** All entries. */
    public MapDump(MapInfo info, long count, Iterable<MapEntry> entries) {
        this(info, count, 0, entries);
    }

    /** The same with the first {@code limit} entries only. */
    public MapDump first(long limit) {
        return count <= limit
                ? this
                : new MapDump(
                        info, count, count - limit, () -> new First(entries.iterator(), limit));
    }

    private static final class First implements Iterator<MapEntry> {
        private final Iterator<MapEntry> all;
        private long remaining;

        First(Iterator<MapEntry> all, long limit) {
            this.all = all;
            this.remaining = limit;
        }

        @Override
        public boolean hasNext() {
            return remaining > 0 && all.hasNext();
        }

        @Override
        public MapEntry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            remaining--;
            return all.next();
        }
    }
}

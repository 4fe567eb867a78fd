package org.trufflebpf.launcher;

import java.util.ArrayList;
import java.util.List;

/**
 * The first of many things, and how many more there were: a capture of any size must not fill the
 * memory.
 */
final class Bounded<T> {
    private static final int LIMIT = 65_536;

    private final List<T> kept = new ArrayList<>();
    private long dropped;

    void addAll(List<T> things) {
        int room = Math.min(LIMIT - kept.size(), things.size());
        kept.addAll(things.subList(0, room));
        dropped += things.size() - room;
    }

    List<T> kept() {
        return kept;
    }

    long dropped() {
        return dropped;
    }
}

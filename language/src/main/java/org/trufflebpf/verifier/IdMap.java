package org.trufflebpf.verifier;

import java.util.Arrays;

/** Which id of one state stands for which id of another, one to one. */
final class IdMap {
    private int[] olds = new int[32];
    private int[] news = new int[32];
    private int count;
    private int temporary;

    void clear() {
        count = 0;
        temporary = Integer.MAX_VALUE / 2;
    }

    /** Whether the two may stand for each other. */
    boolean same(int old, int now) {
        if (old == 0 || now == 0) {
            return old == now;
        }
        for (int i = 0; i < count; i++) {
            if (olds[i] == old) {
                return news[i] == now;
            }
            if (news[i] == now) {
                return false;
            }
        }
        if (count == olds.length) {
            olds = Arrays.copyOf(olds, 2 * count);
            news = Arrays.copyOf(news, 2 * count);
        }
        olds[count] = old;
        news[count++] = now;
        return true;
    }

    /** As {@link #same}; a scalar without an id is linked to nothing. */
    boolean sameScalar(int old, int now) {
        return same(old != 0 ? old : ++temporary, now != 0 ? now : ++temporary);
    }
}

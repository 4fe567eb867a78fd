package org.trufflebpf.btf;

/**
 * Types by name: a hash table over the bytes of the names without their {@code ___flavor}, so that
 * no text is decoded for the types that nobody asks for. Types of one bucket are chained in the
 * order of their ids.
 */
final class BtfNames {
    private final byte[] strings;
    private final int[] words;
    private final int[] starts;
    private final int[] heads;
    private final int[] nexts;

    private BtfNames(byte[] strings, int[] words, int[] starts, int[] heads, int[] nexts) {
        this.strings = strings;
        this.words = words;
        this.starts = starts;
        this.heads = heads;
        this.nexts = nexts;
    }

    static BtfNames build(byte[] strings, int[] words, int[] starts) {
        int[] heads = new int[Integer.highestOneBit(Math.max(starts.length, 8)) * 2];
        int[] nexts = new int[starts.length];
        for (int id = starts.length - 1; id > 0; id--) {
            int offset = words[starts[id]];
            if (offset != 0) {
                int bucket = hashOfEssentialName(strings, offset) & heads.length - 1;
                nexts[id] = heads[bucket];
                heads[bucket] = id;
            }
        }
        return new BtfNames(strings, words, starts, heads, nexts);
    }

    /** The first type in the bucket of a name, or 0; names still have to be compared. */
    int first(byte[] name) {
        return heads[hash(name, 0, essentialLength(name, 0, name.length)) & heads.length - 1];
    }

    /** The type behind {@code id} in its bucket, or 0. */
    int next(int id) {
        return nexts[id];
    }

    boolean hasName(int id, byte[] name) {
        int offset = words[starts[id]];
        return matches(offset, name, name.length) && strings[offset + name.length] == 0;
    }

    boolean hasEssentialName(int id, byte[] name) {
        int offset = words[starts[id]];
        int length = essentialLength(strings, offset, endOf(strings, offset) - offset);
        return length == essentialLength(name, 0, name.length) && matches(offset, name, length);
    }

    private boolean matches(int offset, byte[] name, int length) {
        if (strings.length - offset <= length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (strings[offset + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static int endOf(byte[] strings, int offset) {
        int end = offset;
        while (strings[end] != 0) {
            end++;
        }
        return end;
    }

    /**
     * The hash in one pass over the name, as nearly all names have no flavor; this loop is most of
     * a cold start.
     */
    private static int hashOfEssentialName(byte[] strings, int offset) {
        int hash = 0;
        int underscores = 0;
        int at = offset;
        for (byte c = strings[at]; c != 0; c = strings[++at]) {
            hash = 31 * hash + c;
            if (c != '_') {
                underscores = 0;
            } else if (++underscores == 3) {
                return hash(
                        strings,
                        offset,
                        essentialLength(strings, offset, endOf(strings, offset) - offset));
            }
        }
        return hash ^ hash >>> 16;
    }

    private static int hash(byte[] bytes, int offset, int length) {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + bytes[offset + i];
        }
        return hash ^ hash >>> 16;
    }

    /**
     * Length of a name without its flavor: what follows the last {@code ___} that stands between
     * two characters other than an underscore.
     */
    static int essentialLength(byte[] bytes, int offset, int length) {
        for (int i = length - 5; i >= 0; i--) {
            int at = offset + i;
            if (bytes[at] != '_'
                    && bytes[at + 1] == '_'
                    && bytes[at + 2] == '_'
                    && bytes[at + 3] == '_'
                    && bytes[at + 4] != '_') {
                return i + 1;
            }
        }
        return length;
    }
}

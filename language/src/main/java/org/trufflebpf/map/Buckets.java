package org.trufflebpf.map;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A chained hash table of things that are kept on the host's side, in the kernel's order: a power
 * of two of buckets, new entries at the head of theirs. The caller brings the hash and holds the
 * lock.
 */
final class Buckets<V> {
    private record Entry<V>(byte[] key, V value) {}

    private final List<List<Entry<V>>> buckets = new ArrayList<>();
    private int count;

    Buckets(int maxEntries) {
        long size = Long.highestOneBit(Math.max(1, 2L * maxEntries - 1));
        for (long i = 0; i < size; i++) {
            buckets.add(null);
        }
    }

    int count() {
        return count;
    }

    private int index(int hash) {
        return hash & (buckets.size() - 1);
    }

    private int find(List<Entry<V>> bucket, byte[] key) {
        for (int i = 0; bucket != null && i < bucket.size(); i++) {
            if (Arrays.equals(bucket.get(i).key(), key)) {
                return i;
            }
        }
        return -1;
    }

    V get(int hash, byte[] key) {
        List<Entry<V>> bucket = buckets.get(index(hash));
        int at = find(bucket, key);
        return at < 0 ? null : bucket.get(at).value();
    }

    /** Puts a new entry at the head; an old one of the key goes. */
    void put(int hash, byte[] key, V value) {
        remove(hash, key);
        List<Entry<V>> bucket = buckets.get(index(hash));
        if (bucket == null) {
            bucket = new ArrayList<>(1);
            buckets.set(index(hash), bucket);
        }
        bucket.addFirst(new Entry<>(key, value));
        count++;
    }

    V remove(int hash, byte[] key) {
        List<Entry<V>> bucket = buckets.get(index(hash));
        int at = find(bucket, key);
        if (at < 0) {
            return null;
        }
        count--;
        return bucket.remove(at).value();
    }

    void removeValue(V value) {
        for (List<Entry<V>> bucket : buckets) {
            if (bucket != null) {
                int before = bucket.size();
                bucket.removeIf(entry -> entry.value().equals(value));
                count -= before - bucket.size();
            }
        }
    }

    /** The key behind {@code key}; the first for one that is not there, or {@code null}. */
    byte[] next(int hash, byte[] key) {
        int from = 0;
        if (key != null) {
            List<Entry<V>> bucket = buckets.get(index(hash));
            int at = find(bucket, key);
            if (at >= 0) {
                if (at + 1 < bucket.size()) {
                    return bucket.get(at + 1).key();
                }
                from = index(hash) + 1;
            }
        }
        for (int i = from; i < buckets.size(); i++) {
            List<Entry<V>> bucket = buckets.get(i);
            if (bucket != null && !bucket.isEmpty()) {
                return bucket.getFirst().key();
            }
        }
        return null;
    }
}

package org.trufflebpf.api;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** The entries of a map, by the types of a view; see {@link BpfMap#view}. Thread-safe. */
final class BpfMapView<K, V> extends AbstractMap<K, V> {
    private final RawMap map;
    private final Class<K> keyType;
    private final Form<K> keys;
    private final Form<V> values;

    BpfMapView(RawMap map, Class<K> keyType, Form<K> keys, Form<V> values) {
        this.map = map;
        this.keyType = keyType;
        this.keys = keys;
        this.values = values;
    }

    /** The bytes of a key, {@code null} for an object that is none. */
    private byte[] key(Object key) {
        return keyType.isInstance(key) ? keys.write(keyType.cast(key)) : null;
    }

    private V valueOf(byte[] bytes) {
        return bytes == null ? null : values.read(bytes);
    }

    @Override
    public V get(Object key) {
        byte[] bytes = key(key);
        return bytes == null ? null : valueOf(map.lookup(bytes));
    }

    @Override
    public boolean containsKey(Object key) {
        byte[] bytes = key(key);
        return bytes != null && map.lookup(bytes) != null;
    }

    /** Looks and then puts: another thread may change the entry in between. */
    @Override
    public V put(K key, V value) {
        byte[] bytes = keys.write(key);
        V old = valueOf(map.lookup(bytes));
        map.update(bytes, values.write(value), RawMap.ANY);
        return old;
    }

    @Override
    public V putIfAbsent(K key, V value) {
        byte[] bytes = keys.write(key);
        byte[] given = values.write(value);
        while (!map.tryUpdate(bytes, given, RawMap.NOEXIST, "EEXIST")) {
            byte[] present = map.lookup(bytes);
            // gone again since: it is absent after all
            if (present != null) {
                return values.read(present);
            }
        }
        return null;
    }

    @Override
    public V replace(K key, V value) {
        byte[] bytes = keys.write(key);
        V old = valueOf(map.lookup(bytes));
        return map.tryUpdate(bytes, values.write(value), RawMap.EXIST, "ENOENT") ? old : null;
    }

    @Override
    public V remove(Object key) {
        byte[] bytes = key(key);
        if (bytes == null) {
            return null;
        }
        V old = valueOf(map.lookup(bytes));
        return map.delete(bytes) ? old : null;
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new Entries();
    }

    private final class Entries extends AbstractSet<Map.Entry<K, V>> {
        @Override
        public Iterator<Map.Entry<K, V>> iterator() {
            return new Walk();
        }

        @Override
        public int size() {
            int size = 0;
            for (Iterator<?> walk = iterator(); walk.hasNext(); walk.next()) {
                size++;
            }
            return size;
        }

        @Override
        public boolean isEmpty() {
            return !iterator().hasNext();
        }
    }

    /** Goes from key to key; an entry that is deleted on the way is left out. */
    private final class Walk implements Iterator<Map.Entry<K, V>> {
        private byte[] key;
        private byte[] value;
        private byte[] current;

        Walk() {
            advance(null);
        }

        private void advance(byte[] from) {
            key = map.nextKey(from);
            value = key == null ? null : map.lookup(key);
            while (key != null && value == null) {
                key = map.nextKey(key);
                value = key == null ? null : map.lookup(key);
            }
        }

        @Override
        public boolean hasNext() {
            return key != null;
        }

        @Override
        public Map.Entry<K, V> next() {
            if (key == null) {
                throw new NoSuchElementException();
            }
            current = key;
            Map.Entry<K, V> entry = new Put(keys.read(key), values.read(value));
            advance(current);
            return entry;
        }

        @Override
        public void remove() {
            if (current == null) {
                throw new IllegalStateException("next comes first");
            }
            map.delete(current);
            current = null;
        }
    }

    /** An entry whose value is put into the map when it is set. */
    private final class Put extends SimpleEntry<K, V> {
        private static final long serialVersionUID = 1L;

        Put(K key, V value) {
            super(key, value);
        }

        @Override
        public V setValue(V value) {
            put(getKey(), value);
            return super.setValue(value);
        }
    }
}

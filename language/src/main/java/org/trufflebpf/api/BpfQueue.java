package org.trufflebpf.api;

import java.util.AbstractQueue;
import java.util.Iterator;

/** A queue or stack; see {@link BpfMap#queue}. Thread-safe. */
final class BpfQueue<V> extends AbstractQueue<V> {
    private final BpfMap map;
    private final RawMap raw;
    private final Form<V> values;

    BpfQueue(BpfMap map, RawMap raw, Form<V> values) {
        this.map = map;
        this.raw = raw;
        this.values = values;
    }

    @Override
    public boolean offer(V value) {
        return raw.tryUpdate(null, values.write(value), RawMap.ANY, "E2BIG");
    }

    @Override
    public V poll() {
        byte[] value = raw.lookupAndDelete(null);
        return value == null ? null : values.read(value);
    }

    @Override
    public V peek() {
        byte[] value = raw.lookup(null);
        return value == null ? null : values.read(value);
    }

    @Override
    public Iterator<V> iterator() {
        return map.values(values).iterator();
    }

    @Override
    public int size() {
        return map.values(values).size();
    }
}

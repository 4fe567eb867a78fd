package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;
import org.trufflebpf.launcher.engine.EbpfRunException.Phase;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** A map of an opened object. */
public final class BpfMap {
    private final Value value;
    private final MapInfo info;

    BpfMap(Value value) {
        this.value = value;
        this.info =
                new MapInfo(
                        Values.text(value, "name"),
                        Values.text(value, "type"),
                        Values.number(value, "keySize", 0),
                        Values.number(value, "valueSize", 0),
                        Values.number(value, "maxEntries", 0),
                        Values.number(value, "flags", 0),
                        Values.text(value, "kind"),
                        operations(Values.member(value, "operations")));
    }

    private static Map<String, String> operations(Value programs) {
        Map<String, String> operations = new LinkedHashMap<>();
        if (programs != null) {
            programs.getMemberKeys()
                    .forEach(member -> operations.put(member, Values.text(programs, member)));
        }
        return operations;
    }

    public MapInfo info() {
        return info;
    }

    /** Updates an entry; both texts are read as BTF types them. */
    public void set(String keyText, String valueText) throws EbpfRunException {
        Failures.call(Phase.USAGE, () -> value.invokeMember("set", keyText, valueText));
    }

    /** The map's contents now. */
    public MapDump dump() throws EbpfRunException {
        Value entries = Failures.call(Phase.RUN, () -> value.invokeMember("entries"));
        long count = entries.getArraySize();
        return new MapDump(info, count, () -> new Entries(entries, count));
    }

    private static MapEntry entry(Value entry) {
        Value data = Values.member(entry, "value");
        List<byte[]> values = new ArrayList<>();
        boolean perCpu = data != null && !data.hasBufferElements() && data.hasArrayElements();
        if (perCpu) {
            for (long i = 0; i < data.getArraySize(); i++) {
                values.add(Values.bytes(data.getArrayElement(i)));
            }
        } else if (data != null) {
            values.add(Values.bytes(data));
        }
        byte[] key = Values.bytes(entry, "key");
        return new MapEntry(
                key == null ? new byte[0] : key,
                values,
                perCpu,
                Values.text(entry, "keyText"),
                Values.text(entry, "valueText"),
                Values.text(entry, "json"));
    }

    /** Reads one entry at a time out of the language. */
    private static final class Entries implements Iterator<MapEntry> {
        private final Value array;
        private final long count;
        private long next;

        Entries(Value array, long count) {
            this.array = array;
            this.count = count;
        }

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        public MapEntry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return entry(array.getArrayElement(next++));
        }
    }
}

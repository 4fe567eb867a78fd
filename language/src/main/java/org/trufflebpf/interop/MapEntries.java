package org.trufflebpf.interop;

import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.ProgArrayMap;
import org.trufflebpf.map.QueueStackMap;
import org.trufflebpf.nodes.LoadableProgram;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All entries of a map at once, as bytes and as text: what a dump shows. */
final class MapEntries {
    private final BpfMap map;
    private final TypedMap typed;

    MapEntries(Opened opened, BpfMap map) {
        this.map = map;
        this.typed = new TypedMap(opened, map);
    }

    /**
     * The entries in the map's order; of queues and stacks the values as they would come out, with
     * null keys.
     */
    ListValue list() {
        List<Object> entries = new ArrayList<>();
        if (map instanceof QueueStackMap queue) {
            queue.values().forEach(value -> entries.add(entry(null, value)));
            return new ListValue(entries);
        }
        if (map.keySize() == 0) {
            return new ListValue(entries);
        }
        KeyWalk keys = new KeyWalk(map);
        while (keys.hasNext()) {
            byte[] key = keys.next();
            byte[] value;
            try {
                value = map.get(key);
            } catch (MapException e) {
                continue;
            }
            // another thread may have deleted it since
            if (value != null) {
                entries.add(entry(key, value));
            }
        }
        return new ListValue(entries);
    }

    private RecordValue entry(byte[] key, byte[] value) {
        List<byte[]> values = perCpu(value);
        Object shown =
                map.type().isPerCpu()
                        ? new ListValue(values.stream().map(BytesValue::new).toList())
                        : new BytesValue(value);
        String program = programName(key);
        return new RecordValue()
                .with("key", BytesValue.orNull(key))
                .with("value", shown)
                .with("keyText", typed.keyText(key))
                .with("valueText", program == null ? typed.valueText(values) : program)
                .with("json", program == null ? typed.json(key, values) : null);
    }

    /** Of a prog array the name of the program in a slot, else {@code null}. */
    private String programName(byte[] key) {
        if (map instanceof ProgArrayMap programs) {
            int slot = ByteBuffer.wrap(key).order(map.memory().order()).getInt();
            if (programs.target(slot) instanceof LoadableProgram program) {
                return program.spec().name();
            }
        }
        return null;
    }

    /** The values of the CPUs, without the bytes that round them up. */
    private List<byte[]> perCpu(byte[] value) {
        if (!map.type().isPerCpu()) {
            return List.of(value);
        }
        int size = map.valueSize();
        int slot = (size + 7) & -8;
        List<byte[]> values = new ArrayList<>();
        for (int at = 0; at + size <= value.length; at += slot) {
            values.add(Arrays.copyOfRange(value, at, at + size));
        }
        return values;
    }
}

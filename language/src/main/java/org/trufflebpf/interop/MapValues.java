package org.trufflebpf.interop;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.object.MapSpec;

import java.util.function.Supplier;

/** Makes the values of maps: which one a map is for other languages, its type decides. */
final class MapValues {
    private MapValues() {}

    /** The value of one of the object's maps. */
    static MapValue of(Opened opened, int index) {
        MapSpec spec =
                MapFactory.complete(
                        opened.object().spec().maps().get(index),
                        opened.object().context().machine().environment().cpus());
        return make(opened, spec, new Declared(opened.object(), index));
    }

    /** The value of a map that is in a map of the object. */
    static MapValue of(Opened opened, BpfMap map) {
        return make(opened, map.spec(), new Live(map));
    }

    /** One of an object's maps, which may not exist yet. */
    private record Declared(LoadedObject object, int index) implements Supplier<BpfMap> {
        @Override
        public BpfMap get() {
            return object.instance().map(index);
        }
    }

    /** A map that exists. */
    private record Live(BpfMap get) implements Supplier<BpfMap> {}

    private static MapValue make(Opened opened, MapSpec spec, Supplier<BpfMap> source) {
        KeyCodec keys =
                KeyCodec.typed(
                        opened.layouts()
                                .of(spec.keyTypeId(), Integer.toUnsignedLong(spec.keySize())),
                        opened.object().spec().order(),
                        spec.name());
        return switch (spec.type()) {
            case ARRAY, PERCPU_ARRAY, ARRAY_OF_MAPS, PROG_ARRAY, STRUCT_OPS ->
                    new ArrayMapValue(opened, spec, source, keys);
            case QUEUE, STACK -> new QueueMapValue(opened, spec, source, keys);
            case RINGBUF, PERF_EVENT_ARRAY -> new EventMapValue(opened, spec, source, keys);
            default ->
                    spec.keySize() == 0
                            ? new KeylessMapValue(opened, spec, source, keys)
                            : new HashMapValue(opened, spec, source, keys);
        };
    }
}

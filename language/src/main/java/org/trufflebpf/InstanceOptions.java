package org.trufflebpf;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;

import java.nio.ByteOrder;
import java.util.Map;

/**
 * What an embedder gives to one instance of an object.
 *
 * @param maps live maps in place of declared ones, by the names of these
 * @param functions functions of other languages in place of helpers and kernel functions, by name
 *     or number
 */
public record InstanceOptions(Map<String, BpfMap> maps, Map<String, Object> functions) {
    /** An instance as the object declares it. */
    static final InstanceOptions NONE = new InstanceOptions(Map.of(), Map.of());

    public InstanceOptions {
        maps = Map.copyOf(maps);
        functions = Map.copyOf(functions);
    }

    /** Refuses maps for which the object has no place. */
    void checkNames(ObjectSpec spec) {
        for (String name : maps.keySet()) {
            if (spec.mapIndex(name) < 0) {
                throw BpfException.usage(
                        "the object has no map "
                                + name
                                + "; it has "
                                + String.join(
                                        ", ", spec.maps().stream().map(MapSpec::name).toList()));
            }
        }
    }

    /**
     * Refuses a live map that is not what the object declares, by the attributes that libbpf
     * compares when it reuses a pinned map.
     */
    static void checkShape(MapSpec declared, ByteOrder order, BpfMap map, Where where) {
        MapSpec live = map.spec();
        checkEqual("type", declared.type().label(), live.type().label(), declared, where);
        checkEqual("key_size", declared.keySize(), live.keySize(), declared, where);
        checkEqual("value_size", declared.valueSize(), live.valueSize(), declared, where);
        checkEqual("max_entries", declared.maxEntries(), live.maxEntries(), declared, where);
        checkEqual("map_flags", declared.flags(), live.flags(), declared, where);
        checkEqual("map_extra", declared.mapExtra(), live.mapExtra(), declared, where);
        checkEqual("byte order", order, map.memory().order(), declared, where);
    }

    private static void checkEqual(
            String attribute, Object declared, Object live, MapSpec map, Where where) {
        if (!declared.equals(live)) {
            throw BpfException.rejected(
                    where,
                    "map "
                            + map.name()
                            + ": the map that should take its place has "
                            + attribute
                            + " "
                            + live
                            + ", expected "
                            + declared
                            + " (EINVAL)");
        }
    }
}

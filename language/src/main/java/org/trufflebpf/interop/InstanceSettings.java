package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.InstanceOptions;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads the argument of {@code object.instantiate({maps: {name: map}, functions: {name:
 * function}})}; hashes do where objects do.
 */
final class InstanceSettings {
    private static final Set<String> KEYS = Set.of("maps", "functions");

    private InstanceSettings() {}

    static InstanceOptions read(Object settings) {
        if (Arguments.isNull(settings)) {
            return new InstanceOptions(Map.of(), Map.of());
        }
        Map<String, BpfMap> maps = new LinkedHashMap<>();
        Map<String, Object> functions = new LinkedHashMap<>();
        Map<String, Object> parts = entries(settings, "the settings");
        for (String key : parts.keySet()) {
            if (!KEYS.contains(key)) {
                throw BpfException.usage(
                        "there is no setting " + key + "; there are maps and functions");
            }
        }
        entries(parts.get("maps"), "maps")
                .forEach(
                        (name, value) -> {
                            if (!(value instanceof MapValue map)) {
                                throw BpfException.usage(
                                        "maps." + name + " has to be a map of an object");
                            }
                            maps.put(name, map.usable());
                        });
        entries(parts.get("functions"), "functions")
                .forEach(
                        (name, value) -> {
                            if (!Layout.INTEROP.isExecutable(value)) {
                                throw BpfException.usage(
                                        "functions." + name + " has to be a function");
                            }
                            functions.put(name, value);
                        });
        return new InstanceOptions(maps, functions);
    }

    /** The members of an object or the entries of a hash. */
    private static Map<String, Object> entries(Object value, String what) {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (Arguments.isNull(value)) {
            return entries;
        }
        try {
            if (Layout.INTEROP.hasHashEntries(value)) {
                Object keys = Layout.INTEROP.getHashKeysIterator(value);
                while (Layout.INTEROP.hasIteratorNextElement(keys)) {
                    Object key = Layout.INTEROP.getIteratorNextElement(keys);
                    String name =
                            Layout.INTEROP.isString(key)
                                    ? Layout.INTEROP.asString(key)
                                    : Long.toString(Layout.INTEROP.asLong(key));
                    entries.put(name, Layout.INTEROP.readHashValue(value, key));
                }
            } else {
                Object members = Layout.INTEROP.getMembers(value);
                for (long i = 0; i < Layout.INTEROP.getArraySize(members); i++) {
                    String name =
                            Layout.INTEROP.asString(Layout.INTEROP.readArrayElement(members, i));
                    entries.put(name, Layout.INTEROP.readMember(value, name));
                }
            }
        } catch (InteropException e) {
            throw BpfException.usage(what + " has to be an object or hash with names as keys");
        }
        return entries;
    }
}

package org.trufflebpf.interop;

import org.trufflebpf.btf.value.TypedFormat;
import org.trufflebpf.btf.value.TypedParse;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.StructOpsMap;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keys and values of a map as text, typed by the object's BTF where it tells their types. */
final class TypedMap {
    private final BpfMap map;
    private final MapSpec spec;
    private final Opened opened;
    private final TypedFormat format;
    private final TypedParse parse;

    TypedMap(Opened opened, BpfMap map) {
        this.map = map;
        this.spec = map.spec();
        ObjectSpec object = opened.object().spec();
        this.opened = opened;
        this.format = object.btf() == null ? null : new TypedFormat(object.btf(), object.order());
        this.parse = new TypedParse(object.btf(), object.order());
    }

    /** A key in one line, or {@code null} where its type is not known. */
    String keyText(byte[] key) {
        Object tree = tree(spec.keyTypeId(), key);
        return tree == null ? null : TypedFormat.text(tree);
    }

    /** The value, of a per-CPU map the list of its values, in one line. */
    String valueText(List<byte[]> values) {
        Object tree = valueTree(values);
        return tree == null ? null : TypedFormat.text(tree);
    }

    /** {@code {"key":..,"value":..}}, or {@code null} where neither type is known. */
    String json(byte[] key, List<byte[]> values) {
        Object keyTree = tree(spec.keyTypeId(), key);
        Object valueTree = valueTree(values);
        if (keyTree == null && valueTree == null) {
            return null;
        }
        StringBuilder json = new StringBuilder("{\"key\":");
        TreeJson.append(json, keyTree);
        json.append(",\"value\":");
        TreeJson.append(json, valueTree);
        return json.append('}').toString();
    }

    private Object valueTree(List<byte[]> values) {
        if (!map.type().isPerCpu()) {
            Object tree = tree(spec.valueTypeId(), values.getFirst());
            return tree != null && map instanceof StructOpsMap ? withPrograms(tree) : tree;
        }
        List<Object> trees = new ArrayList<>();
        for (byte[] value : values) {
            Object tree = tree(spec.valueTypeId(), value);
            if (tree == null) {
                return null;
            }
            trees.add(tree);
        }
        return trees;
    }

    /** A structure of operations, where programs stand for the pointers to them. */
    private Object withPrograms(Object tree) {
        Map<String, Object> members = new LinkedHashMap<>();
        ((Map<?, ?>) tree).forEach((name, value) -> members.put((String) name, value));
        OperationLayout.programs(opened, map)
                .forEach((member, program) -> members.put(member, program.spec().name()));
        return members;
    }

    /** The value of a type, or {@code null} where there is no type or it does not fit the bytes. */
    private Object tree(int typeId, byte[] bytes) {
        if (format == null || typeId == 0 || bytes == null) {
            return null;
        }
        try {
            return format.tree(typeId, bytes);
        } catch (BpfException e) {
            return null;
        }
    }

    byte[] parseKey(String text) {
        return parse.parse(spec.keyTypeId(), map.keySize(), text, "key of map " + map.name());
    }

    /** The bytes of a value; every CPU of a per-CPU map gets the same. */
    byte[] parseValue(String text) {
        byte[] value =
                parse.parse(
                        spec.valueTypeId(), map.valueSize(), text, "value of map " + map.name());
        if (!map.type().isPerCpu()) {
            return value;
        }
        int slot = (value.length + 7) & -8;
        byte[] all = new byte[slot * map.cpus()];
        for (int cpu = 0; cpu < map.cpus(); cpu++) {
            System.arraycopy(value, 0, all, cpu * slot, value.length);
        }
        return all;
    }
}

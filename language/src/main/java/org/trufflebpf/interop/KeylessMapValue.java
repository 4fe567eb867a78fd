package org.trufflebpf.interop;

import org.trufflebpf.map.BloomFilterMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.object.MapSpec;

import java.util.List;
import java.util.function.Supplier;

/**
 * A map without keys that is no queue. To a bloom filter values are added with {@code push(value)}
 * and {@code mayContain(value)} asks for them.
 */
final class KeylessMapValue extends MapValue {
    private static final List<String> NAMES = and("push", "mayContain");

    KeylessMapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        super(opened, spec, source, keys);
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "push" ->
                    new MethodValue(
                            1,
                            1,
                            arguments -> {
                                put(new byte[0], arguments[0], 0);
                                return NullValue.INSTANCE;
                            });
            case "mayContain" ->
                    new MethodValue(
                            1,
                            1,
                            arguments ->
                                    usable() instanceof BloomFilterMap bloom
                                            && bloom.mayContain(
                                                    values.bytes(
                                                            arguments[0],
                                                            Storage.ofMap(bloom),
                                                            " value of map " + spec.name())));
            default -> super.member(name);
        };
    }
}

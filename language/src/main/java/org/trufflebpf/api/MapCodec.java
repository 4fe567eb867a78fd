package org.trufflebpf.api;

import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** A struct or union as a map of its members. */
record MapCodec(Layout.Composite composite, Map<String, Codec> members) implements Codec {
    MapCodec(Layout.Composite composite, String path) {
        this(composite, new LinkedHashMap<>());
        composite
                .members()
                .forEach(
                        (name, member) ->
                                members.put(
                                        name, Codecs.natural(member.type(), path + "." + name)));
    }

    @Override
    public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
        Map<String, Object> values = new LinkedHashMap<>();
        composite
                .members()
                .forEach(
                        (name, member) ->
                                values.put(
                                        name,
                                        members.get(name)
                                                .read(
                                                        bytes,
                                                        bit + member.bitOffset(),
                                                        member.bitSize(),
                                                        order)));
        return values;
    }

    @Override
    public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
        ((Map<?, ?>) value)
                .forEach(
                        (name, part) -> {
                            Layout.Member member = composite.members().get((String) name);
                            if (member == null) {
                                throw BpfException.usage(
                                        composite.name() + " has no member " + name);
                            }
                            members.get((String) name)
                                    .write(
                                            bytes,
                                            bit + member.bitOffset(),
                                            member.bitSize(),
                                            order,
                                            part);
                        });
    }
}

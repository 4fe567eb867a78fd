package org.trufflebpf.interop;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value made of named parts that do not change: a result, an event, an entry of a map. */
final class RecordValue extends Members {
    private final Map<String, Object> parts = new LinkedHashMap<>();

    /** Adds a part; Java's {@code null} becomes the null value. */
    RecordValue with(String name, Object value) {
        parts.put(name, NullValue.orNull(value));
        return this;
    }

    @Override
    Object identity() {
        return parts;
    }

    @Override
    String display() {
        return parts.entrySet().stream()
                .map(part -> part.getKey() + "=" + Layout.show(part.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    List<String> names() {
        return List.copyOf(parts.keySet());
    }

    @Override
    Object member(String name) {
        return parts.get(name);
    }
}

package org.trufflebpf.launcher.engine;

import java.util.List;

/**
 * One entry of a map.
 *
 * @param key the key's bytes; empty for maps without keys
 * @param values the value's bytes, one element per CPU in maps that keep one per CPU, else a single
 *     element
 * @param perCpu whether {@code values} are per CPU
 * @param keyText the key as BTF types it, or {@code null}
 * @param valueText the value as BTF types it, or {@code null}
 * @param json {@code {"key":..,"value":..}} as BTF types them, or {@code null}
 */
@SuppressWarnings("ArrayRecordComponent")
public record MapEntry(
        byte[] key,
        List<byte[]> values,
        boolean perCpu,
        String keyText,
        String valueText,
        String json) {}
